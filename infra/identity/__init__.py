"""Who people are: resolved from settings and from what channels say."""
