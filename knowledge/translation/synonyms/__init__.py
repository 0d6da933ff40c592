"""Other words for what the data calls something: a thesaurus, facts about the world, and vectors where there are any."""
