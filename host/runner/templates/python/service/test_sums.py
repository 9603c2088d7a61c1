import unittest

from sums import answer


class Sums(unittest.TestCase):
    def test_a_sum_is_worked_out(self):
        self.assertEqual(answer("2 + 3"), "5")

    def test_what_is_no_sum_has_no_answer(self):
        self.assertIsNone(answer("two and three"))


if __name__ == "__main__":
    unittest.main()
