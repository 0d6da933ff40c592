# Tests of gates.rego: an action, what is asked of it. Run by tests/infra/test_risk.py.

package quillux.gates_test

import rego.v1

limits := {"rows_read": 1000, "rows_returned": 100}

query(read, returned) := {
	"action": {"do": "run a query", "sql": "SELECT 1", "rows_read": read, "rows_returned": returned},
	"asker": {"id": "ada", "tenant": "t", "roles": ["member"], "groups": []},
	"thresholds": limits,
	"approvers": ["approver"],
}

other(name) := {
	"action": {"do": name},
	"asker": {"id": "ada", "tenant": "t", "roles": ["member"], "groups": []},
	"thresholds": limits,
	"approvers": ["approver"],
}

cases := {
	"a query a little over a threshold is low": {"input": query(1001, 5), "risk": "low"},
	"ten times the rows returned is medium": {"input": query(5, 1000), "risk": "medium"},
	"ten times the rows read is medium": {"input": query(10000, 5), "risk": "medium"},
	"the heavier estimate counts": {"input": query(1001, 9999), "risk": "medium"},
	"a hundred times is high": {"input": query(1001, 10000), "risk": "high"},
	"no estimate at all is high": {"input": query(null, null), "risk": "high"},
	"an estimate that is no number is high": {"input": query("many", null), "risk": "high"},
	"one estimate is enough": {"input": query(null, 101), "risk": "low"},
	"a fraction over ten times is medium": {"input": query(10000.5, 20), "risk": "medium"},
	"a change of a term is medium": {"input": other("change a term"), "risk": "medium"},
	"a verified query is medium": {"input": other("verify a query"), "risk": "medium"},
	"what nobody thought of is high": {"input": other("drop a table"), "risk": "high"},
}
