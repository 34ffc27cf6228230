"""Adding up what is known."""


def known_sum(numbers):
    """The sum of what is known; None where nothing is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
