# METADATA
# title: Each table passed its audit at exactly the version that would be published
# description: No check is no pass, an errored check is no pass, and a critical check may not fail.
# custom:
#   control: quality
package publish.audits_passed

default allow := false

acceptable_outcomes := {
	"passed": {"critical", "warning", "info"},
	"failed": {"warning", "info"},
}

allow if {
	is_array(input.tables)
	count(input.tables) > 0
	every table in input.tables {
		is_audited(table)
	}
}

is_audited(table) if {
	is_number(table.version)
	is_array(table.checks)
	count([check | some check in table.checks; check.version == table.version]) > 0
	every check in table.checks {
		is_settled(check, table.version)
	}
}

# A check at another version says nothing about this one, whatever its outcome.
is_settled(check, version) if {
	is_number(check.version)
	check.version != version
}

is_settled(check, version) if {
	check.version == version
	check.severity in acceptable_outcomes[check.status]
}

reasons contains "the release holds no table" if {
	tables := object.get(input, "tables", [])
	tables == []
}

reasons contains concat("", [name_of(table), ": it has no version"]) if {
	some table in input.tables
	not is_number(object.get(table, "version", null))
}

reasons contains message if {
	some table in input.tables
	is_number(table.version)
	checks := object.get(table, "checks", [])
	count([check | some check in checks; check.version == table.version]) == 0
	found := sort({text_of(check.version) | some check in checks})
	message := concat("", [version_of(table), ": no check ran at this version", elsewhere(found)])
}

reasons contains concat("", [name_of(table), ": a check names no version"]) if {
	some table in input.tables
	some check in table.checks
	not is_number(object.get(check, "version", null))
}

reasons contains message if {
	some table in input.tables
	some check in table.checks
	check.version == table.version
	not is_settled(check, table.version)
	message := concat("", [
		version_of(table),
		": ",
		text_of(object.get(check, "severity", "unrated")),
		" check ",
		text_of(object.get(check, "check", "without a name")),
		place_of(check),
		": ",
		text_of(object.get(check, "status", "without an outcome")),
	])
}

version_of(table) := concat("", [name_of(table), "@", text_of(table.version)])

elsewhere(versions) := "" if count(versions) == 0

elsewhere(versions) := concat("", [", only at ", concat(", ", versions)]) if count(versions) > 0

name_of(table) := text_of(object.get(table, "table", "a table without a name"))

text_of(value) := value if is_string(value)

text_of(value) := json.marshal(value) if is_string(value) == false

place_of(check) := concat("", [" on ", text_of(check.column)]) if object.get(check, "column", "") != ""

place_of(check) := "" if object.get(check, "column", "") == ""
