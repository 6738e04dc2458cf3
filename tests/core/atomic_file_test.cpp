#include "links/core/atomic_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "support/temporary_folder.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class AtomicFileTest : public testing::Test {
 protected:
  ptrdiff_t Files() const { return std::distance(fs::directory_iterator(folder_ / ""), {}); }

  TemporaryFolder folder_;
};

TEST_F(AtomicFileTest, WritesAndReplaces) {
  const std::string path = folder_ / "a";
  for (const char* text : {"first and longer", "second", ""}) {
    WriteFileAtomically(path, text);
    EXPECT_EQ(ReadFile(path), text);
  }
  WriteFileAtomically(path, std::vector<std::string_view>{"one ", "", "two"});
  EXPECT_EQ(ReadFile(path), "one two");
  EXPECT_EQ(Files(), 1);
}

TEST_F(AtomicFileTest, AFailureLeavesTheOldFileAlone) {
  const std::string path = folder_.Write("a", "old");
  EXPECT_THROW(WriteFileAtomically(path,
                                   [](const std::string& temporary) {
                                     WriteFileAtomically(temporary, "half");
                                     throw Error("full");
                                   }),
               Error);
  EXPECT_EQ(ReadFile(path), "old");
  EXPECT_EQ(Files(), 1);
  EXPECT_THAT(MessageOf([&] { WriteFileAtomically(folder_ / "gone/a", "new"); }),
              AllOf(HasSubstr("gone/a"), HasSubstr("No such file")));
}

TEST_F(AtomicFileTest, FollowsLinksThereOrNot) {
  fs::create_directories(folder_ / "real");
  fs::create_directory_symlink("real", folder_ / "folder");
  fs::create_symlink("real/b", folder_ / "a");
  fs::create_symlink("../a", folder_ / "real/up");  // to what is another link
  for (const char* name : {"a", "real/up", "folder/up"}) {
    for (const std::string& text : {Concat("new through ", name), Concat("again through ", name)}) {
      WriteFileAtomically(folder_ / name, text);
      EXPECT_EQ(ReadFile(folder_ / "real/b"), text) << name;
      EXPECT_TRUE(fs::is_symlink(folder_ / "a"));
      EXPECT_TRUE(fs::is_symlink(folder_ / "real/up"));
      EXPECT_FALSE(fs::is_symlink(folder_ / "real/b"));
    }
    fs::remove(folder_ / "real/b");
  }
  fs::create_symlink("round", folder_ / "round");
  EXPECT_THAT(MessageOf([&] { WriteFileAtomically(folder_ / "round", ""); }), HasSubstr("round"));
}

TEST_F(AtomicFileTest, WritesIntoADeviceWithoutReplacingIt) {
  // A link, so that no mistake can replace the machine's own.
  fs::create_symlink("/dev/null", folder_ / "null");
  WriteFileAtomically(folder_ / "null", "text");
  EXPECT_TRUE(fs::is_symlink(folder_ / "null"));
  EXPECT_TRUE(fs::is_character_file(folder_ / "null"));
  EXPECT_EQ(Files(), 1);
}

TEST_F(AtomicFileTest, WritesIntoAPipeOnceSomeoneReads) {
  const std::string path = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string sent(100000, 'x');  // more than a pipe holds
  std::string got;
  std::thread reader([&] {
    std::ifstream file(path, std::ios::binary);
    got.assign(std::istreambuf_iterator<char>(file), {});
  });
  WriteFileAtomically(path, sent);
  reader.join();
  EXPECT_EQ(got, sent);
  EXPECT_TRUE(fs::is_fifo(path));
  EXPECT_EQ(Files(), 1);
}

TEST_F(AtomicFileTest, AddsToAnOpenDescriptorsFile) {
  // As with `--output /dev/stdout > log`, where something stands already.
  const int file = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(file, 0);
  ASSERT_EQ(::write(file, "before ", 7), 7);
  WriteFileAtomically(Concat("/dev/fd/", file), "after");
  ::close(file);
  EXPECT_EQ(ReadFile(folder_ / "log"), "before after");
  EXPECT_EQ(Files(), 1);
}

TEST_F(AtomicFileTest, SeveralFilesAppearTogetherOrNotAtAll) {
  const std::vector<std::string> paths = {folder_ / "a", folder_ / "b", folder_ / "c"};
  folder_.Write("a", "earlier");
  const auto write = [&](const std::function<void(size_t)>& spoil) {
    return MessageOf([&] {
      StagedFiles files("list");
      for (size_t i = 0; i < paths.size(); ++i) {
        const std::string name = files.Add(paths[i]);
        spoil(i);
        std::ofstream(name) << std::string(i + 1, 'x');
      }
      files.Commit();
    });
  };
  // The last fails before it is written, then when it takes its name.
  EXPECT_EQ(write([](size_t i) { i == 2 ? throw Error("no text") : void(); }), "no text");
  EXPECT_EQ(Files(), 1);
  EXPECT_THAT(write([&](size_t i) { i == 2 ? void(fs::create_directory(folder_ / "c")) : void(); }),
              AllOf(HasSubstr("cannot write"), HasSubstr("/c': Is a directory")));
  EXPECT_EQ(ReadFile(paths[0]), "earlier");
  EXPECT_FALSE(fs::exists(paths[1]));
  EXPECT_EQ(Files(), 2);
  fs::remove(folder_ / "c");
  EXPECT_EQ(write([](size_t) {}), "");
  EXPECT_EQ(ReadFile(paths[0]) + ReadFile(paths[1]) + ReadFile(paths[2]), "xxxxxx");
  EXPECT_EQ(Files(), 3);
}

TEST_F(AtomicFileTest, WhatAKilledProcessBeganIsFinished) {
  // Killed when the first of three files had taken its name.
  folder_.Write("a", "new");
  folder_.Write("b", "earlier");
  folder_.Write("a.77.before.partial", "earlier");
  folder_.Write("b.77.partial", "new");
  folder_.Write("c.77.partial", "new");
  folder_.Write("d.77.partial", "of another command");
  folder_.Write("list", "77/a/b/c/");
  EXPECT_EQ(FinishStagedFiles({folder_ / "a"}, "list"), 2);
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(ReadFile(folder_ / name), "new");
  EXPECT_EQ(Files(), 4);
  EXPECT_EQ(FinishStagedFiles({folder_ / "a"}, "list"), 0);
  // A list of somebody else's names nothing outside its folder.
  folder_.Write("list", "77/../x/");
  fs::create_directory(folder_ / "below");
  folder_.Write("x.77.partial", "new");
  folder_.Write("below/list", "77/../x/");
  EXPECT_EQ(FinishStagedFiles({folder_ / "below/a"}, "list"), 0);
  EXPECT_TRUE(fs::exists(folder_ / "x.77.partial"));
  folder_.Write("list", "my list");
  EXPECT_THAT(MessageOf([&] { FinishStagedFiles({folder_ / "a"}, "list"); }),
              HasSubstr("list: expected names of files that a killed process left"));
}

TEST_F(AtomicFileTest, TwoFilesOfOneNameAreRefused) {
  fs::create_symlink("a", folder_ / "link");
  for (const char* second : {"a", "./a", "link"}) {
    StagedFiles files;
    files.Add(folder_ / "a");
    EXPECT_THAT(MessageOf([&] { files.Add(folder_ / second); }), HasSubstr("twice")) << second;
  }
  EXPECT_EQ(Files(), 1);
  StagedFiles relative;
  relative.Add("no_such_file");
  EXPECT_THAT(MessageOf([&] { relative.Add("./no_such_file"); }), HasSubstr("twice"));
}

TEST_F(AtomicFileTest, SaysBeforehandWhereNothingCanBeWritten) {
  EXPECT_EQ(MessageOf([&] { CheckWritable(folder_ / "new"); }), "");
  EXPECT_EQ(MessageOf([&] { CheckWritable("relative"); }), "");
  EXPECT_EQ(MessageOf([&] { CheckWritable("/dev/null"); }), "");
  EXPECT_THAT(MessageOf([&] { CheckWritable(folder_ / "none/new"); }),
              AllOf(HasSubstr("none/new: expected the folder"), HasSubstr("found that it does not exist")));
  EXPECT_THAT(MessageOf([&] { CheckWritable(folder_ / ""); }), HasSubstr("found a folder"));
  folder_.Write("file", "");
  EXPECT_THAT(MessageOf([&] { CheckWritable(folder_ / "file/new"); }), HasSubstr("expected the folder"));
}

TEST_F(AtomicFileTest, ReadsPlainFilesOnlyAndWaitsForNone) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(MessageOf([&] { ReadFile(folder_ / "pipe"); }),
              AllOf(HasSubstr("plain file"), HasSubstr("pipe'")));
  EXPECT_THAT(MessageOf([&] { ReadFile("/dev/zero"); }), HasSubstr("plain file '/dev/zero'"));
  EXPECT_THAT(MessageOf([&] { ReadFile(folder_ / ""); }), HasSubstr("Is a directory"));
  EXPECT_THAT(MessageOf([&] { ReadFile(folder_ / "none"); }), HasSubstr("No such file"));
  const std::string large(200000, 'y');
  EXPECT_EQ(ReadFile(folder_.Write("large", large)), large);
  EXPECT_NE(ReadFile("/proc/self/status"), "") << "a plain file of size 0";
  const PlainFile file(folder_ / "large");
  EXPECT_EQ(file.size(), large.size());
  std::string part(10, ' ');
  EXPECT_EQ(file.Read(large.size() - 4, part.data(), part.size()), 4u);
  EXPECT_EQ(part, "yyyy      ");
}

}  // namespace
}  // namespace links
