# Tests of data.rego: who asks, the rules of a file, and the numbers of those that must hold. Run by
# tests/infra/test_policy.py.

package quillux.policies_test

import rego.v1

ada := {"tenant": "t", "person": "ada", "roles": ["member"], "groups": ["eu", "sales"]}

nobody := {"tenant": "t", "person": "x", "roles": [], "groups": []}

cases := {
	"a rule without for holds for everybody": {"input": ada, "rules": [{"name": "all"}], "holds": [0]},
	"a rule for a group holds for its members only": {
		"input": ada,
		"rules": [{"for": {"groups": ["eu"]}}, {"for": {"groups": ["us"]}}],
		"holds": [0],
	},
	"a rule for a role holds for it": {"input": ada, "rules": [{"for": {"roles": ["member"]}}], "holds": [0]},
	"a rule for a person holds for that person": {
		"input": ada,
		"rules": [{"for": {"people": ["bob"]}}, {"for": {"people": ["ada"]}}],
		"holds": [1],
	},
	"an exception is stronger than being meant": {
		"input": ada,
		"rules": [{"for": {"groups": ["eu"]}, "except": {"people": ["ada"]}}, {"except": {"groups": ["audit"]}}],
		"holds": [1],
	},
	"nobody in for means nobody": {"input": ada, "rules": [{"for": {"groups": []}}], "holds": []},
	"one without groups is in none": {"input": nobody, "rules": [{"for": {"groups": ["eu"]}}], "holds": []},
}
