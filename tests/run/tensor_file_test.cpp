#include "links/run/tensor_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <zlib.h>

#include <cmath>
#include <iomanip>

#include "links/core/error.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

bool Same(const torch::Tensor& a, const torch::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() && a.equal(b);
}

std::string Crc32(const std::string& bytes) {
  std::ostringstream digits;
  digits << std::hex << std::setfill('0') << std::setw(8)
         << ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  return digits.str();
}

// A file whose header's length and checksum are right, whatever it says: `rest` follows the checksum's
// digits.
std::string FileOf(const std::string& rest, const std::string& data) {
  const std::string header = R"({"__metadata__":{"header_crc32":")" + Crc32(rest) + rest;
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(header.size() >> (8 * i));
  return length + header + data;
}

// One with the tensors of `entries`, JSON, each with the checksum of `data`.
std::string FileWith(const std::string& entries, const std::string& data = std::string(8, '\1')) {
  return FileOf(R"(","crc32:a":")" + Crc32(data) + R"(","crc32:b":")" + Crc32(data) + "\"}," + entries + "}",
                data);
}

class TensorFileTest : public testing::Test {
 protected:
  std::string Complaint(const std::string& bytes) const {
    return MessageOf([&] {
      const TensorFile file(folder_.Write("hostile", bytes));
      for (const std::string& name : file.TensorNames()) file.Read(name);
    });
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_ / "a.safetensors";
};

TEST_F(TensorFileTest, GivesBackEveryTypeAndShape) {
  torch::manual_seed(1);
  NamedTensors tensors;
  for (const auto type : {torch::kFloat64, torch::kFloat32, torch::kFloat16, torch::kBFloat16, torch::kInt64,
                          torch::kInt32, torch::kInt16, torch::kInt8, torch::kUInt8, torch::kBool}) {
    for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{
             {}, {0}, {1}, {3}, {2, 3}, {4, 0, 5}, {2, 1, 3, 2}, {0, int64_t{1} << 40}}) {
      const std::string name = Concat(c10::toString(type), torch::IntArrayRef(shape));
      tensors.emplace_back(name, (100 * torch::rand(shape, torch::kFloat64)).to(type));
    }
  }
  tensors.emplace_back("part", torch::arange(12.).view({3, 4}).t());
  tensors.emplace_back("learned", torch::ones({2}, torch::requires_grad()));
  const std::string odd = "\"}{\\ \n é \x01";
  tensors.emplace_back(odd, torch::ones({1}));
  WriteTensorFile(path_, {{"text", odd}, {"empty", ""}}, tensors);
  const TensorFile file(path_);
  EXPECT_EQ(file.Text("text"), odd);
  EXPECT_EQ(file.Text("empty"), "");
  EXPECT_EQ(file.TensorNames().size(), tensors.size());
  NamedTensors filled;
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(Same(file.Read(name), tensor)) << name;
    filled.emplace_back(name, torch::zeros_like(tensor));
  }
  file.Fill(filled);
  for (size_t i = 0; i < tensors.size(); ++i) EXPECT_TRUE(Same(filled[i].second, tensors[i].second));
}

TEST_F(TensorFileTest, HalfPrecisionFillsFloat32AndNothingElse) {
  // 1 + 2^-10 and 1 + 2^-7: the numbers next to 1 of float16 and bfloat16, written down by their bits.
  const torch::Tensor half = torch::tensor({0x3c01, 0x7bff}, torch::kInt16).view(torch::kFloat16);
  const torch::Tensor brain = torch::tensor({0x3f81, 0x0001}, torch::kInt16).view(torch::kBFloat16);
  WriteTensorFile(path_, {}, {{"half", half}, {"brain", brain}});
  const TensorFile file(path_);
  const torch::Tensor a = torch::zeros({2}), b = torch::zeros({2});
  file.Fill({{"half", a}, {"brain", b}});
  EXPECT_EQ(a[0].item<float>(), 1.0009765625f);
  EXPECT_EQ(a[1].item<float>(), 65504.f);
  EXPECT_EQ(b[0].item<float>(), 1.0078125f);
  EXPECT_EQ(b[1].item<float>(), std::ldexp(1.f, -133)) << "a denormal number";
  for (const auto type : {torch::kFloat64, torch::kBFloat16, torch::kInt16}) {
    EXPECT_THAT(MessageOf([&] {
                  file.Fill({{"half", torch::zeros({2}, type)}});
                }),
                AllOf(HasSubstr("'half' of type"), HasSubstr("found F16")));
  }
  // float32 is not narrowed.
  WriteTensorFile(path_, {}, {{"a", torch::ones({2})}});
  EXPECT_THAT(MessageOf([&] {
                TensorFile(path_).Fill({{"a", torch::zeros({2}, torch::kFloat16)}});
              }),
              HasSubstr("found F32"));
  for (const int bits : {0x7c00, 0x7e00}) {  // infinite, not a number
    WriteTensorFile(path_, {}, {{"a", torch::tensor({bits, 0}, torch::kInt16).view(torch::kFloat16)}});
    EXPECT_THAT(MessageOf([&] {
                  TensorFile(path_).Fill({{"a", torch::zeros({2})}});
                }),
                AllOf(HasSubstr("finite numbers in 'a'"), HasSubstr(path_)));
  }
}

TEST_F(TensorFileTest, HoldsNothingAtAllToo) {
  WriteTensorFile(path_, {}, {});
  EXPECT_TRUE(TensorFile(path_).TensorNames().empty());
  EXPECT_THAT(MessageOf([&] { TensorFile(path_).Text("config"); }),
              AllOf(HasSubstr("'config'"), HasSubstr(path_)));
}

TEST_F(TensorFileTest, LiesAsDocumented) {
  WriteTensorFile(path_, {{"text", "t"}},
                  {{"b", torch::ones({2}, torch::kUInt8)}, {"a", torch::ones({1, 2})}});
  const std::string bytes = ReadFile(path_);
  EXPECT_EQ((bytes.size() - 10) % 8, 0u) << "the header is padded";
  EXPECT_THAT(bytes, HasSubstr(R"(,"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]})"));
  EXPECT_THAT(bytes, HasSubstr(R"(,"b":{"dtype":"U8","shape":[2],"data_offsets":[8,10]})"));
  EXPECT_EQ(bytes.substr(bytes.size() - 10), std::string("\0\0\x80\x3f\0\0\x80\x3f\1\1", 10));
}

TEST_F(TensorFileTest, RefusesToWriteWhatItCouldNotRead) {
  const auto complaint = [&](const NamedTensors& tensors) {
    return MessageOf([&] { WriteTensorFile(path_, {}, tensors); });
  };
  EXPECT_THAT(complaint({{"a", torch::ones({1}, torch::kComplexFloat)}}), HasSubstr("'a' of a known type"));
  EXPECT_THAT(complaint({{"a", torch::ones({1})}, {"a", torch::ones({1})}}), HasSubstr("found two"));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(TensorFileTest, EveryDamagedByteIsFound) {
  torch::manual_seed(1);
  const NamedTensors tensors = {{"x", torch::randn({3, 2})},
                                {"flags", torch::ones({3}, torch::kBool)},
                                {"count", torch::scalar_tensor(7, torch::kInt64)}};
  WriteTensorFile(path_, {{"config", "seed: 1\n"}}, tensors);
  const std::string whole = ReadFile(path_);
  for (size_t position = 0; position < whole.size(); ++position) {
    for (const int flip : {0x01, 0x10, 0x20, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[position] = static_cast<char>(damaged[position] ^ flip);
      EXPECT_THAT(Complaint(damaged), HasSubstr(folder_ / "hostile")) << "byte " << position << " ^ " << flip;
    }
  }
  std::string damaged = whole;
  damaged[whole.size() - 1] ^= 1;  // the last byte of the narrowest
  EXPECT_THAT(Complaint(damaged), AllOf(HasSubstr("'flags'"), HasSubstr("damaged")));
}

TEST_F(TensorFileTest, CutShortOrTooLongAnywhereIsRefused) {
  WriteTensorFile(path_, {{"config", "seed: 1\n"}}, {{"x", torch::ones({3, 2})}});
  const std::string whole = ReadFile(path_);
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_THAT(Complaint(whole.substr(0, length)), HasSubstr(folder_ / "hostile")) << length;
  EXPECT_NE(Complaint(whole + '\0'), "");
  EXPECT_EQ(Complaint(whole), "");
}

TEST_F(TensorFileTest, DamageLeavesTheTargetAsItWas) {
  WriteTensorFile(path_, {}, {{"x", torch::ones({2})}});
  std::string damaged = ReadFile(path_);
  damaged.back() ^= 1;
  const TensorFile file(folder_.Write("damaged", damaged));  // the header alone is read
  const torch::Tensor target = torch::zeros({2});
  EXPECT_THAT(MessageOf([&] { file.Fill({{"x", target}}); }), HasSubstr("'x'"));
  EXPECT_EQ(target.sum().item<float>(), 0);
}

TEST_F(TensorFileTest, FillsAllOrNone) {
  WriteTensorFile(path_, {}, {{"x", torch::ones({2})}, {"y", torch::ones({2})}});
  const TensorFile file(path_);
  const torch::Tensor target = torch::zeros({2});
  const auto complaint = [&](const std::string& name, const torch::Tensor& other) {
    return MessageOf([&] { file.Fill({{"x", target}, {name, other}}); });
  };
  EXPECT_THAT(complaint("z", torch::zeros({2})), AllOf(HasSubstr("'z'"), HasSubstr("found none")));
  EXPECT_THAT(complaint("y", torch::zeros({3})), AllOf(HasSubstr("[3]"), HasSubstr("found [2]")));
  EXPECT_THAT(complaint("y", torch::zeros({2}, torch::kInt32)),
              AllOf(HasSubstr("I32"), HasSubstr("found F32")));
  EXPECT_EQ(target.sum().item<float>(), 0);
}

TEST_F(TensorFileTest, HostileHeadersAreOneSentence) {
  const std::string good = R"("a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})";
  ASSERT_EQ(Complaint(FileWith(good)), "");
  const std::map<std::string, std::vector<std::string>> entries = {
      {"'a' of a shape of too many numbers",
       {R"("a":{"dtype":"U8","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]})",
        R"("a":{"dtype":"F64","shape":[2305843009213693953],"data_offsets":[0,8]})",  // 2^64 + 8 bytes
        R"("a":{"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]})"}},
      {"'a' of another size than its shape has",
       {R"("a":{"dtype":"U8","shape":[9],"data_offsets":[0,8]})",
        R"("a":{"dtype":"F64","shape":[100000000000],"data_offsets":[0,8]})",
        R"("a":{"dtype":"U8","shape":[],"data_offsets":[0,8]})"}},
      {"where a whole number of 0 or more belongs",
       {R"("a":{"dtype":"U8","shape":[-8],"data_offsets":[0,8]})",
        R"("a":{"dtype":"U8","shape":[-1,-8],"data_offsets":[0,8]})",
        R"("a":{"dtype":"U8","shape":[8.0],"data_offsets":[0,8]})",
        R"("a":{"dtype":"U8","shape":["8"],"data_offsets":[0,8]})",
        R"("a":{"dtype":"U8","shape":[null],"data_offsets":[0,8]})",
        R"("a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,8]})",
        R"("a":{"dtype":"U8","shape":[8],"data_offsets":[-8,0]})"}},
      {"which is too large", {R"("a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,8]})"}},
      {"data_offsets beyond the file's end",
       {R"("a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]})",
        R"("a":{"dtype":"U8","shape":[8],"data_offsets":[8,0]})",
        R"("a":{"dtype":"U8","shape":[1000000000000],"data_offsets":[0,1000000000000]})"}},
      {"unknown type 'F128'", {R"("a":{"dtype":"F128","shape":[8],"data_offsets":[0,8]})"}},
      {"overlap or leave a gap",
       {good + R"(,"b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})",
        R"("a":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]})",
        R"("a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]})"}},
      {"tensors of 4 bytes where 8 are", {R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]})"}},
      {"'c' of no CRC-32", {R"("c":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})"}},
      {"'a' twice", {good + "," + good}},
      {"'dtype' twice", {R"("a":{"dtype":"U8","dtype":"I8","shape":[8],"data_offsets":[0,8]})"}},
      {"'__metadata__' twice", {good + R"(,"__metadata__":{})"}},
      {"other keys",
       {R"("a":{"dtype":"U8","shape":[8],"data_offsets":[0,8],"code":"x"})", R"("a":{})", R"("a":[])",
        R"("a":3)"}},
      {"'a' of 65 dimensions",
       {R"("a":{"dtype":"U8","shape":[8)" +
        [] {
          std::string ones;
          for (int i = 0; i < 64; ++i) ones += ",1";
          return ones;
        }() +
        R"(],"data_offsets":[0,8]})"}},
      {"3 data_offsets", {R"("a":{"dtype":"U8","shape":[8],"data_offsets":[0,8,8]})"}},
      {"no JSON of this layout",
       {R"("a":{"dtype":3,"shape":[8],"data_offsets":[0,8]})", R"("a":{"dtype":"U8","x":[8],"y":[0,8]})",
        R"("a":{"dtype":"U8","shape":8,"data_offsets":[0,8]})", good + ",", good + "}{", "\"\xff\":1"}},
      {"lists or objects within each other",
       {R"("a":)" + std::string(100000, '['), R"("a":)" + std::string(100000, '[') + std::string(100000, ']'),
        [] {
          std::string deep;
          for (int i = 0; i < 100000; ++i) deep += R"("a":{)";
          return deep;
        }()}}};
  for (const auto& [sentence, all] : entries) {
    for (const std::string& each : all)
      EXPECT_THAT(Complaint(FileWith(each)), HasSubstr(sentence)) << each.substr(0, 200);
  }
}

TEST_F(TensorFileTest, MetadataIsTextsOnly) {
  for (const char* rest : {R"(","x":1})", R"(","x":null})", R"(","x":{"y":"z"}})", R"(","x":["y"]})"})
    EXPECT_THAT(Complaint(FileOf(std::string(rest) + "}", "")), HasSubstr("no JSON of this layout")) << rest;
  EXPECT_THAT(Complaint(FileOf(R"(","x":"1","x":"2"}})", "")), HasSubstr("'x' twice"));
  EXPECT_EQ(Complaint(FileOf(R"(","x":"1"}})", "")), "");
}

TEST_F(TensorFileTest, ALengthIsHeldAgainstTheFile) {
  WriteTensorFile(path_, {}, {{"x", torch::ones({2})}});
  const std::string whole = ReadFile(path_);
  for (const uint64_t length : {uint64_t{0}, uint64_t{1}, uint64_t{whole.size() - 7}, uint64_t{1} << 24,
                                (uint64_t{1} << 24) + 1, uint64_t{1} << 40, ~uint64_t{0}, ~uint64_t{0} - 7}) {
    std::string hostile = whole;
    for (int i = 0; i < 8; ++i) hostile[i] = static_cast<char>(length >> (8 * i));
    EXPECT_THAT(Complaint(hostile), HasSubstr("cut short or of another kind")) << length;
  }
}

TEST_F(TensorFileTest, ABoolIsTrueOrFalse) {
  EXPECT_EQ(Complaint(FileWith(R"("a":{"dtype":"BOOL","shape":[8],"data_offsets":[0,8]})")), "");
  EXPECT_THAT(
      Complaint(FileWith(R"("a":{"dtype":"BOOL","shape":[8],"data_offsets":[0,8]})", std::string(8, '\2'))),
      HasSubstr("expected 0 or 1 in 'a'"));
}

TEST_F(TensorFileTest, ReadsPlainFilesOnly) {
  const auto complaint = [](const std::string& path) { return MessageOf([&] { TensorFile file(path); }); };
  EXPECT_THAT(complaint(folder_ / "none"), AllOf(HasSubstr("none"), HasSubstr("No such file")));
  EXPECT_THAT(complaint(folder_ / ""), HasSubstr("Is a directory"));
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(complaint(folder_ / "pipe"), HasSubstr("plain file"));
  EXPECT_THAT(complaint("/dev/zero"), HasSubstr("plain file"));
}

}  // namespace
}  // namespace links
