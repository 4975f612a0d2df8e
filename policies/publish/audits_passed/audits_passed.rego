# METADATA
# title: Each table passed its audit at exactly the version that would be published
# description: No check is no pass, an errored check is no pass, and a critical check may not fail.
# custom:
#   control: quality
package publish.audits_passed

default allow := false

acceptable_outcomes := [
	{"status": "passed", "severity": "critical"},
	{"status": "passed", "severity": "warning"},
	{"status": "passed", "severity": "info"},
	{"status": "failed", "severity": "warning"},
	{"status": "failed", "severity": "info"},
]

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
	some audited in table.checks
	audited.version == table.version
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
	some outcome in acceptable_outcomes
	check.status == outcome.status
	check.severity == outcome.severity
}

reasons contains "the release holds no table" if {
	tables := object.get(input, "tables", [])
	tables == []
}

reasons contains sprintf("%v: it has no version", [name_of(table)]) if {
	some table in input.tables
	not is_number(object.get(table, "version", null))
}

reasons contains message if {
	some table in input.tables
	is_number(table.version)
	checks := object.get(table, "checks", [])
	count([check | some check in checks; check.version == table.version]) == 0
	found := sort({check.version | some check in checks})
	message := sprintf(
		"%v@%v: no check ran at this version (checked at: %v)",
		[name_of(table), table.version, concat(", ", [sprintf("%v", [version]) | some version in found])],
	)
}

reasons contains sprintf("%v: a check names no version", [name_of(table)]) if {
	some table in input.tables
	some check in table.checks
	not is_number(object.get(check, "version", null))
}

reasons contains message if {
	some table in input.tables
	some check in table.checks
	check.version == table.version
	not is_settled(check, table.version)
	message := sprintf("%v@%v: %v check %v%v: %v", [
		name_of(table),
		table.version,
		object.get(check, "severity", "unrated"),
		object.get(check, "check", "without a name"),
		place_of(check),
		object.get(check, "status", "without an outcome"),
	])
}

name_of(table) := object.get(table, "table", "a table without a name")

place_of(check) := sprintf(" on %v", [check.column]) if object.get(check, "column", "") != ""

place_of(check) := "" if object.get(check, "column", "") == ""
