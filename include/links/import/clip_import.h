#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "links/core/error.h"
#include "links/data/pose_stream.h"

namespace links {

/// What every importer of recorded data sets is asked for.
struct ImportOptions {
  std::vector<std::string> subjects;  ///< empty = all
  int64_t every = 1;                  ///< keep every n-th frame of a clip
  double moved_mm = 0;        ///< > 0: only frames in which a joint moved so far since the last one kept
  bool skip_damaged = false;  ///< leave known damaged clips out
};

/// The frames that the options keep of a clip: every n-th first, then of these the first one and each in
/// which some joint is at least moved_mm from where it was in the last one kept; that rule passes over frames
/// that are not finite. joints_mm: (F, joints, 3), the same frame of reference throughout. -> indices from 0,
/// ascending.
std::vector<int64_t> KeptFrames(const ImportOptions& options, const std::vector<float>& joints_mm, int joints,
                                int64_t frames);

/// Collects the clips of a data set in a pose file: counts what came, lists what did not.
class ClipImport {
  /// What no other part of the data set can mend.
  class OutputError : public Error {
    using Error::Error;
  };

 public:
  ClipImport(PoseStream& stream, const ImportOptions& options) : stream_(stream), options_(options) {}

  const ImportOptions& options() const { return options_; }

  /// Whether the subject was asked for; remembers that it is there.
  bool Wants(const std::string& subject);

  /// For a clip that is known to be damaged: whether to import it. `name` and `poses` go to the summary.
  bool KeepDamaged(const std::string& name, int64_t poses, const std::string& damage);

  /// Writes the poses of a part (a clip, or one camera's view of it); `origin` names file and data set.
  void Append(const PoseData& poses, const std::string& origin);

  /// Runs `read` for a part; an Error it throws is logged, listed and passed over. Errors of the output file
  /// go through.
  template <class Read>
  void Try(Read read) {
    try {
      read();
    } catch (const OutputError&) {
      throw;
    } catch (const Error& error) {
      Miss(error.what());
    }
  }

  /// Logs and lists something that should have been there: one sentence.
  void Miss(const std::string& sentence);

  /// A line for the summary.
  void Note(const std::string& line) { notes_.push_back(line); }

  /// Ends the import: a subject asked for that never came is missed too.
  void Finish();

  const std::vector<std::string>& missed() const { return missed_; }

  /// Lines for people: poses per subject, action and camera, ranges, notes, damaged clips, what is missing.
  std::string Summary() const;

 private:
  /// The smallest and the largest of a coordinate.
  struct Extent {
    float low = std::numeric_limits<float>::infinity(), high = -low;
    void Widen(const std::vector<float>& values, size_t first, size_t step);
  };

  PoseStream& stream_;
  ImportOptions options_;
  std::vector<std::string> missed_, damaged_, notes_;
  std::set<std::string> seen_subjects_;
  std::map<std::string, int64_t> subjects_, actions_, cameras_;
  Extent x_, y_, depth_;
};

}  // namespace links
