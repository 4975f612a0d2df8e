# METADATA
# title: No published table is past the end of its support
# description: A table is served until the day that its contract states; after it, it has to go.
# custom:
#   control: lifecycle
package publish.still_served

default allow := false

allow if {
	is_day(input.run.started_on)
	is_array(input.tables)
	count(input.tables) > 0
	every table in input.tables {
		is_settled(table)
	}
}

is_settled(table) if table.published == false

is_settled(table) if {
	table.published == true
	table.contract.end_of_support == ""
}

# Days as texts, year first, stand in order of time.
is_settled(table) if {
	table.published == true
	is_day(table.contract.end_of_support)
	input.run.started_on <= table.contract.end_of_support
}

is_day(text) if {
	is_string(text)
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, text)
}

reasons contains "the day on which the run started is not given" if {
	not is_day(object.get(input, ["run", "started_on"], null))
}

reasons contains "the release holds no table" if {
	tables := object.get(input, "tables", [])
	tables == []
}

reasons contains message if {
	some table in input.tables
	table.published == true
	end := object.get(table, ["contract", "end_of_support"], null)
	is_day(end)
	input.run.started_on > end
	message := concat("", [
		name_of(table),
		": its contract serves it until ",
		end,
		"; remove model and contract, or state a later endOfSupport",
	])
}

reasons contains concat("", [name_of(table), ": its end of support is not a day"]) if {
	some table in input.tables
	table.published == true
	end := object.get(table, ["contract", "end_of_support"], null)
	not is_blank_or_day(end)
}

reasons contains concat("", [name_of(table), ": it is not said whether it is published"]) if {
	some table in input.tables
	not is_boolean(object.get(table, "published", null))
}

is_blank_or_day(end) if end == ""

is_blank_or_day(end) if is_day(end)

name_of(table) := text_of(object.get(table, "table", "a table without a name"))

text_of(value) := value if is_string(value)

text_of(value) := json.marshal(value) if is_string(value) == false
