# Which rules of the policy file hold for whoever asks. What they say about tables (filters, masks, hidden columns) is
# then gathered over all rules that hold: every filter must be met, and of several masks the strongest counts.
#
# input: {"tenant": "...", "person": "...", "roles": [...], "groups": [...]}
# data.policy.rules: the rules of the file, in their order

package quillux.policies

import rego.v1

# Numbers of the rules that hold for the asker.
holds contains number if {
	some number, rule in data.policy.rules
	meant(rule)
	not excepted(rule)
}

# A rule without `for` is meant for everybody.
meant(rule) if not rule["for"]

meant(rule) if among(rule["for"])

excepted(rule) if among(rule.except)

among(who) if input.person in who.people

among(who) if {
	some role in input.roles
	role in who.roles
}

among(who) if {
	some group in input.groups
	group in who.groups
}
