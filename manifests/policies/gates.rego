# How much ceremony an action takes: its risk, who decides and how many, and when people are reminded.
#
# input: {"action": {"do": "run a query", ...}, "asker": {"id", "tenant", "roles", "groups"},
#         "thresholds": {"rows_read": 50000000, "rows_returned": 100000}, "approvers": ["approver", "admin"]}
#
# Asked for is data.quillux.gates.ruling, all of whose fields but `risk` may be left out:
#   risk              "low" a button, "medium" a button with a typed reason, "high" the browser after a fresh sign-in
#   stages            [{"name", "roles", "groups", "users", "quorum": 1, "any", "all" or "majority", "veto"}]; none: as the flow says
#   due_seconds, remind_seconds, escalate_seconds, escalate_to {"roles", "groups", "users"}; none: as [approvals] says
#
# What is no whole ruling, or can't be evaluated, is high.

package quillux.gates

import rego.v1

medium_from := 10

high_from := 100

default risk := "high"

risk := "high" if {
	query
	reaches(high_from)
} else := "medium" if {
	query
	reaches(medium_from)
} else := "low" if {
	query
	reaches(0)
} else := "medium" if shared_meaning

# An estimate is so many times its threshold or more. Compared by multiplying: this engine's max() and its fractions
# do not always agree on numbers of different kinds.
reaches(times) if {
	some name in ["rows_read", "rows_returned"]
	is_number(input.action[name])
	is_number(input.thresholds[name])
	input.action[name] >= input.thresholds[name] * times
}

query if input.action["do"] == "run a query"

# What a word means to everybody, and which query answers a question from now on.
shared_meaning if input.action["do"] in {"change a term", "verify a query"}

ruling := {"risk": risk}
