#ifndef ROLLCALL_RPC_PICTURES_H_
#define ROLLCALL_RPC_PICTURES_H_

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace rollcall::rpc {

// Whether a field with the option (rollcall.v1.picture) is filled in anywhere in `message`, be it
// with bytes that are no picture. `message` must be of a type that is compiled in. Cost: one visit of
// each field that is set and could have one; bytes are not read.
bool CarriesPictures(const google::protobuf::Message& message);

// Whether a message of this type could.
bool MayCarryPictures(const google::protobuf::Descriptor& type);

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_PICTURES_H_
