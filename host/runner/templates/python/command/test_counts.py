import unittest

from counts import count


class Counts(unittest.TestCase):
    def test_lines_and_words_are_counted(self):
        self.assertEqual(count("over and\nunder\n"), (2, 3))
        self.assertEqual(count(""), (0, 0))


if __name__ == "__main__":
    unittest.main()
