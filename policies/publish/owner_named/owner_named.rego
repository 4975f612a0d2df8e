# METADATA
# title: The product and each published table name an owner
# description: A placeholder is no owner, for nobody answers for it.
# custom:
#   control: ownership
package publish.owner_named

default allow := false

# Trimmed off before an owner is looked at, so that "<owner>" and "TODO:" are seen through.
around := " \"'`<>()[]{}.,:;?!*#~+=_/\\|-\u00a0\u2002\u2003\u2007\u2009\u200b\u202f\u3000\ufeff"

placeholders := {
	"a team",
	"anyone",
	"change me",
	"change_me",
	"change-me",
	"changeme",
	"example",
	"me",
	"n/a",
	"na",
	"name",
	"no one",
	"nobody",
	"none",
	"null",
	"owner",
	"someone",
	"tba",
	"tbd",
	"team",
	"todo",
	"unassigned",
	"undefined",
	"unknown",
	"unowned",
	"x",
	"xxx",
	"your team",
	"your-team",
	"your_team",
}

allow if {
	is_named(input.owner)
	is_array(input.tables)
	count(input.tables) > 0
	every table in input.tables {
		is_settled(table)
	}
}

is_settled(table) if table.published == false

is_settled(table) if {
	table.published == true
	is_named(table.contract.owner)
}

is_named(owner) if {
	is_string(owner)
	bare := lower(trim(owner, around))
	bare != ""
	every placeholder in placeholders {
		bare != placeholder
	}
}

reasons contains concat("", ["the product's owner is ", shown(owner)]) if {
	owner := object.get(input, "owner", null)
	not is_named(owner)
}

reasons contains "the release holds no table" if {
	tables := object.get(input, "tables", [])
	tables == []
}

reasons contains concat("", [name_of(table), ": its contract's owner is ", shown(owner)]) if {
	some table in input.tables
	table.published == true
	owner := object.get(table, ["contract", "owner"], null)
	not is_named(owner)
}

reasons contains concat("", [name_of(table), ": it is not said whether it is published"]) if {
	some table in input.tables
	not is_boolean(object.get(table, "published", null))
}

name_of(table) := text_of(object.get(table, "table", "a table without a name"))

text_of(value) := value if is_string(value)

text_of(value) := json.marshal(value) if is_string(value) == false

shown(owner) := concat("", ["'", owner, "'"]) if is_string(owner)

shown(owner) := "not given" if is_null(owner)

shown(owner) := "not a text" if {
	is_string(owner) == false
	is_null(owner) == false
}
