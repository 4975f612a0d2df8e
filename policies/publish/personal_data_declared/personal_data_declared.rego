# METADATA
# title: No published table holds personal data that its contract does not declare and classify
# description: >-
#   A column looks personal by its name. Declared means personal data and a classification, in
#   the table's contract. Declared personal data without a classification is refused as well.
# custom:
#   control: privacy
package publish.personal_data_declared

default allow := false

# Matched against the column's name in lower case, as in `place.e_mail` for a part of a column. A
# word stands between underscores, dots or digits.
personal_names := [
	`e_?mail`,
	`(^|[_.]|tele|home|work|mobile|cell|customer)(phone|fax)([_.0-9n]|$)`,
	`(^|[_.])(msisdn|mobile_?(no|number))([_.0-9]|$)`,
	`(^|[_.])(ssn|nino|nhs)([_.0-9]|$)`,
	`social_?security`,
	`national_?(id|insurance)`,
	`(^|[_.])(tax|personal|identity|citizen)_?(id|number|no)([_.]|$)`,
	`passport`,
	`driv(er|ing)s?_?licen[cs]e`,
	`birth`,
	`(^|[_.])dob([_.0-9]|$)`,
	`(^|[_.])iban([_.0-9]|$)`,
	`(credit|debit|bank|payment)_?(card|account)`,
	`(card|account)_?(number|no|holder)([_.]|$)`,
	`(first|last|given|family|middle|maiden|full|sur)_?name`,
	`(^|[_.])(forename|nickname|username|user_name)`,
	`(customer|person|passenger|patient|employee|member|contact|guest)_?name`,
	`(street|home|postal|mailing|billing|shipping)_?address`,
	`(^|[_.])address(_?line)?([_.0-9]|$)`,
	`(^|[_.])ip_?addr(ess)?([_.0-9]|$)`,
	`(^|[_.])(gender|ethnicity|religion|nationality|marital_?status)([_.0-9]|$)`,
	`(^|[_.])(salary|medical|diagnosis|biometric|fingerprint)([_.0-9]|$)`,
]

personal_name := concat("|", personal_names)

allow if {
	is_array(input.tables)
	count(input.tables) > 0
	every table in input.tables {
		is_settled(table)
	}
}

is_settled(table) if table.published == false

is_settled(table) if {
	table.published == true
	is_array(table.columns)
	count(table.columns) > 0
	is_array(table.contract.columns)
	every column in table.columns {
		is_accounted_for(column, table.contract.columns)
	}
	every declared in table.contract.columns {
		is_classified_if_personal(declared)
	}
}

is_accounted_for(column, _) if looks_harmless(column)

is_accounted_for(column, declarations) if {
	is_string(column)
	regex.match(personal_name, lower(column))
	some declared in declarations
	declared.name == column
	declared.personal_data == true
	is_filled(declared.classification)
}

looks_harmless(column) if {
	is_string(column)
	regex.match(personal_name, lower(column)) == false
}

is_classified_if_personal(declared) if declared.personal_data == false

is_classified_if_personal(declared) if {
	declared.personal_data == true
	is_filled(declared.classification)
}

is_filled(text) if {
	is_string(text)
	regex.match(`[^ ]`, text)
}

reasons contains "the release holds no table" if {
	tables := object.get(input, "tables", [])
	tables == []
}

reasons contains message if {
	some table in input.tables
	table.published == true
	some column in table.columns
	not is_accounted_for(column, object.get(table, ["contract", "columns"], []))
	message := concat("", [
		name_of(table),
		".",
		text_of(column),
		": it looks personal, and its contract does not declare it as classified personal data",
	])
}

reasons contains message if {
	some table in input.tables
	table.published == true
	some declared in table.contract.columns
	not is_classified_if_personal(declared)
	message := concat("", [
		name_of(table),
		".",
		text_of(object.get(declared, "name", "a column without a name")),
		": its contract does not say whether it is personal data, or gives it no classification",
	])
}

reasons contains concat("", [name_of(table), ": its columns are not known"]) if {
	some table in input.tables
	table.published == true
	not has_columns(table)
}

reasons contains concat("", [name_of(table), ": it has no contract to declare its columns"]) if {
	some table in input.tables
	table.published == true
	not is_array(object.get(table, ["contract", "columns"], null))
}

reasons contains concat("", [name_of(table), ": it is not said whether it is published"]) if {
	some table in input.tables
	not is_boolean(object.get(table, "published", null))
}

has_columns(table) if count(table.columns) > 0

name_of(table) := text_of(object.get(table, "table", "a table without a name"))

text_of(value) := value if is_string(value)

text_of(value) := json.marshal(value) if is_string(value) == false
