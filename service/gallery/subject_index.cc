#include "gallery/subject_index.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rollcall::gallery {
namespace {

constexpr size_t kBranches = 16;
constexpr size_t kBits = 4;
constexpr size_t kMostEntries = 64;            // then a leaf becomes a branch
constexpr size_t kMostDepth = 64 / kBits - 1;  // the hash has no more bits: the leaf grows

struct Entry {
  base::Uuid subject;
  uint32_t place = 0;
};

bool Before(const Entry& entry, const base::Uuid& subject) { return entry.subject < subject; }

// All bytes count: ids that somebody numbered must not end in one leaf.
uint64_t Hash(const base::Uuid& subject) {
  uint64_t words[2];
  std::memcpy(words, subject.bytes.data(), sizeof(words));
  uint64_t hash = (words[0] ^ words[1] * 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
  hash ^= hash >> 32;
  return hash * 0x94D049BB133111EB;
}

size_t Branch(const base::Uuid& subject, size_t depth) {
  return Hash(subject) >> (64 - kBits * (depth + 1)) & (kBranches - 1);
}

}  // namespace

// A branch, or (children empty) a leaf with its entries by subject.
struct SubjectIndex::Node {
  int64_t change = 0;  // the one that made it
  std::vector<Entry> entries;
  std::vector<Link> children;

  std::vector<Entry>::iterator Place(const base::Uuid& subject) {
    return std::lower_bound(entries.begin(), entries.end(), subject, Before);
  }
  bool IsAt(std::vector<Entry>::iterator at, const base::Uuid& subject) {
    return at != entries.end() && at->subject == subject;
  }
};

std::optional<uint32_t> SubjectIndex::Find(const base::Uuid& subject) const {
  Node* node = root_.get();
  for (size_t depth = 0; node != nullptr && !node->children.empty(); ++depth) {
    node = node->children[Branch(subject, depth)].get();
  }
  if (node == nullptr) return std::nullopt;
  const auto at = node->Place(subject);
  if (!node->IsAt(at, subject)) return std::nullopt;
  return at->place;
}

// Afterwards what `link` names may be changed.
SubjectIndex::Link& SubjectIndex::Own(Link& link, int64_t change) {
  if (link == nullptr) {
    link = std::make_shared<Node>();
  } else if (link->change != change) {
    link = std::make_shared<Node>(*link);
  }
  link->change = change;
  return link;
}

void SubjectIndex::Insert(Link& link, const base::Uuid& subject, uint32_t place, size_t depth,
                          int64_t change) {
  Node& node = *Own(link, change);
  if (!node.children.empty()) {
    return Insert(node.children[Branch(subject, depth)], subject, place, depth + 1, change);
  }
  const auto at = node.Place(subject);
  if (node.IsAt(at, subject)) {
    at->place = place;
    return;
  }
  if (node.entries.size() < kMostEntries || depth >= kMostDepth) {
    node.entries.insert(at, {subject, place});
    return;
  }
  node.children.resize(kBranches);
  for (const Entry& entry : std::exchange(node.entries, {})) {
    Insert(node.children[Branch(entry.subject, depth)], entry.subject, entry.place, depth + 1,
           change);
  }
  Insert(node.children[Branch(subject, depth)], subject, place, depth + 1, change);
}

void SubjectIndex::Set(const base::Uuid& subject, uint32_t place, int64_t change) {
  Insert(root_, subject, place, 0, change);
}

// Empty leaves stay: they are few, and the next subjects fill them.
void SubjectIndex::Erase(const base::Uuid& subject, int64_t change) {
  if (!Find(subject)) return;
  Link* link = &root_;
  for (size_t depth = 0; !Own(*link, change)->children.empty(); ++depth) {
    link = &(*link)->children[Branch(subject, depth)];
  }
  Node& node = **link;
  const auto at = node.Place(subject);
  if (node.IsAt(at, subject)) node.entries.erase(at);
}

size_t SubjectIndex::BytesUnder(const Link& link) {
  if (link == nullptr) return 0;
  size_t bytes = sizeof(Node) + link->entries.capacity() * sizeof(Entry) +
                 link->children.capacity() * sizeof(Link);
  for (const Link& child : link->children) bytes += BytesUnder(child);
  return bytes;
}

size_t SubjectIndex::Bytes() const { return BytesUnder(root_); }

}  // namespace rollcall::gallery
