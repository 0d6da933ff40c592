"""Other words for what the data calls something: a thesaurus, facts, and vectors where there are any."""
