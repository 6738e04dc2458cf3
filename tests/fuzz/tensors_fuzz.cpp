// Headers of tensor files (checkpoints). The first byte chooses between a file as it is and one whose length
// and checksum are put right, so that what a header says is reached.
#include "fuzz.h"
#include "links/core/tensor_header.h"

namespace links::fuzz {
namespace {

/// A file with this after the header's checksum; what follows the first zero byte are the tensors.
std::string Signed(const std::string& input) {
  const size_t end = std::min(input.find('\0'), input.size());
  const std::string rest = input.substr(0, end), tensors = input.substr(std::min(end + 1, input.size()));
  const std::string header = R"({"__metadata__":{"header_crc32":")" + Crc32(rest.data(), rest.size()) + rest;
  std::string length(8, '\0');
  for (size_t i = 0; i < length.size(); ++i) length[i] = static_cast<char>(header.size() >> (8 * i));
  return length + header + tensors;
}

void Read(const std::string& bytes) {
  const InputFile file(bytes, ".safetensors");
  const PlainFile opened(file.path());
  const TensorHeader header = ReadTensorHeader(opened, file.path());
  for (const auto& [name, tensor] : header.tensors)
    Expect(tensor.begin <= tensor.end && tensor.end <= bytes.size(), "a tensor beyond the file's end");
}

}  // namespace
}  // namespace links::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  fuzz::Choices choices(data, size);
  const bool as_it_is = choices.Take(2) == 1;
  fuzz::Try([&] { fuzz::Read(as_it_is ? choices.rest() : fuzz::Signed(choices.rest())); });
  return 0;
}
