import time
import unittest

from app import rank


class RankTest(unittest.TestCase):
    def test_1_empty(self):
        self.assertEqual(rank([]), [])

    def test_2_order(self):
        low, high = {"score": 1}, {"score": 2}
        self.assertEqual(rank([low, high]), [high, low])

    def test_3_stable(self):
        first, second = {"score": 1, "id": 1}, {"score": 1, "id": 2}
        self.assertEqual(rank([first, second]), [first, second])

    def test_4_load(self):
        # Long enough for a picture of the log while it grows.
        time.sleep(60)
