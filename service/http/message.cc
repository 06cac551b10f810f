#include "http/message.h"

#include <algorithm>
#include <utility>

namespace rollcall::http {

const std::string* Request::Find(std::string_view name) const {
  const auto is = [name](const Header& header) { return header.name == name; };
  const auto first = std::find_if(headers.begin(), headers.end(), is);
  if (first == headers.end() || std::find_if(first + 1, headers.end(), is) != headers.end()) return nullptr;
  return &first->value;
}

Response Text(int status, std::string_view type, std::string body) {
  return {status, {{"content-type", std::string(type)}}, std::make_shared<const std::string>(std::move(body))};
}

}  // namespace rollcall::http
