#include <dlib/clustering/chinese_whispers.h>

#include <algorithm>
#include <map>

#include "recognition/face_pipeline.h"

namespace rollcall::recognition {

std::vector<size_t> OddOnesOut(const std::vector<Embedding>& embeddings, float threshold) {
  std::vector<dlib::sample_pair> edges;
  for (size_t i = 0; i < embeddings.size(); ++i) {
    // dlib counts the vertices from the edges: the loop makes a lonely photo one too. Its weight is 0,
    // since with more it would outvote the photo's neighbours.
    edges.emplace_back(i, i, 0.0);
    for (size_t j = i + 1; j < embeddings.size(); ++j) {
      const auto similarity = Similarity(embeddings[i], embeddings[j]);
      if (similarity.ok() && *similarity >= threshold) edges.emplace_back(i, j, *similarity);
    }
  }
  std::vector<unsigned long> group;
  dlib::chinese_whispers(edges, group);  // seeded with a constant by dlib: same input, same answer

  std::map<unsigned long, size_t> sizes;
  for (const unsigned long g : group) ++sizes[g];
  size_t largest = 0;
  for (const auto& [g, size] : sizes) largest = std::max(largest, size);
  const auto ties = std::count_if(sizes.begin(), sizes.end(),
                                  [&](const auto& entry) { return entry.second == largest; });
  std::vector<size_t> odd;
  for (size_t i = 0; i < group.size(); ++i) {
    // Where two groups are equally large nobody can say which is right, so all are named.
    if (ties > 1 || sizes[group[i]] < largest) odd.push_back(i);
  }
  return odd;
}

}  // namespace rollcall::recognition
