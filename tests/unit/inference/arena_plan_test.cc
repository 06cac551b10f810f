#include "inference/arena_plan.h"

#include <gtest/gtest.h>

#include <random>

namespace rollcall::inference {
namespace {

bool Overlap(size_t a_first, size_t a_last, size_t b_first, size_t b_last) {
  return a_first <= b_last && b_first <= a_last;
}

TEST(ArenaPlanTest, PiecesThatLiveTogetherShareNoByte) {
  std::mt19937 engine(11);
  for (int round = 0; round < 300; ++round) {
    std::vector<Piece> pieces(1 + engine() % 40);
    for (Piece& piece : pieces) {
      piece.bytes = 1 + engine() % 5000;
      piece.first = engine() % 30;
      piece.last = piece.first + engine() % 8;
    }
    const size_t total = PlanArena(pieces);
    for (size_t i = 0; i < pieces.size(); ++i) {
      EXPECT_EQ(pieces[i].offset % 64, 0u);
      EXPECT_LE(pieces[i].offset + pieces[i].bytes, total);
      for (size_t j = 0; j < i; ++j) {
        if (!Overlap(pieces[i].first, pieces[i].last, pieces[j].first, pieces[j].last)) continue;
        EXPECT_FALSE(Overlap(pieces[i].offset, pieces[i].offset + pieces[i].bytes - 1, pieces[j].offset,
                             pieces[j].offset + pieces[j].bytes - 1))
            << "round " << round << ", pieces " << i << " and " << j;
      }
    }
  }
}

TEST(ArenaPlanTest, AChainNeedsTwoPlaces) {
  std::vector<Piece> pieces;
  for (size_t step = 0; step < 50; ++step) pieces.push_back({.bytes = 640, .first = step, .last = step + 1, .offset = 0});
  EXPECT_EQ(PlanArena(pieces), 1280u);
}

TEST(ArenaPlanTest, NothingNeedsNothing) {
  std::vector<Piece> pieces;
  EXPECT_EQ(PlanArena(pieces), 0u);
}

}  // namespace
}  // namespace rollcall::inference
