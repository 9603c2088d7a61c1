import unittest

from shout import shout


class Shout(unittest.TestCase):
    def test_a_line_is_said_in_capitals(self):
        self.assertEqual(shout("Weft carries it."), "WEFT CARRIES IT.")


if __name__ == "__main__":
    unittest.main()
