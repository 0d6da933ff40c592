"""What the tests in a browser have in common: patience, for the machine may be busy."""

from playwright.async_api import expect

expect.set_options(timeout=30_000)
