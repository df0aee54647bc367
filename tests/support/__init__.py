"""What the tests of whole programs share: starting servers, talking to them, waiting."""
