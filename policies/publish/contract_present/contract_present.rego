# METADATA
# title: Each published table has a contract of this product
# description: A release that publishes no table at all is refused too.
# custom:
#   control: contracts
package publish.contract_present

default allow := false

allow if {
	is_array(input.tables)
	count([table | some table in input.tables; table.published == true]) > 0
	every table in input.tables {
		is_settled(table)
	}
}

is_settled(table) if table.published == false

is_settled(table) if {
	table.published == true
	is_object(table.contract)
	table.contract.product == input.product
	table.contract.table == table.table
	is_filled(table.contract.version)
}

is_filled(text) if {
	is_string(text)
	regex.match(`[0-9A-Za-z]`, text)
}

reasons contains "the release publishes no table" if {
	tables := object.get(input, "tables", [])
	count([table | some table in tables; table.published == true]) == 0
}

reasons contains concat("", [name_of(table), ": it has no contract"]) if {
	some table in input.tables
	table.published == true
	not is_object(object.get(table, "contract", null))
}

reasons contains message if {
	some table in input.tables
	table.published == true
	is_object(table.contract)
	found := object.get(table.contract, "table", "no table")
	found != object.get(table, "table", "")
	message := concat("", [name_of(table), ": its contract is for ", text_of(found)])
}

reasons contains message if {
	some table in input.tables
	table.published == true
	is_object(table.contract)
	found := object.get(table.contract, "product", "no product")
	found != object.get(input, "product", "")
	message := concat("", [name_of(table), ": its contract belongs to ", text_of(found)])
}

reasons contains concat("", [name_of(table), ": its contract has no version"]) if {
	some table in input.tables
	table.published == true
	is_object(table.contract)
	not is_filled(object.get(table.contract, "version", null))
}

reasons contains concat("", [name_of(table), ": it is not said whether it is published"]) if {
	some table in input.tables
	not is_boolean(object.get(table, "published", null))
}

name_of(table) := text_of(object.get(table, "table", "a table without a name"))

text_of(value) := value if is_string(value)

text_of(value) := json.marshal(value) if is_string(value) == false
