#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace links {

/// The closed interval a number must lie in.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// An option that names one of several choices is a std::string field with the choices listed here.
struct Choice {
  std::vector<std::string> names;
};

/// An option that names files: each must exist when the configuration is checked. Relative names are relative
/// to the YAML file that gives them.
struct ExistingFile {};

// An options struct declares each option once, beside the code that uses it:
//
//   struct CouplingOptions {
//     int64_t width = 1024;
//     double clamp = 2.0;
//     template <class V>
//     void Fields(V& v) {
//       v("width", width, Range{1, 8192}, "hidden units of the scale and shift network");
//       v("clamp", clamp, Range{0.1, 10}, "bound on |log scale| of a block, nats");
//     }
//   };
//
// A visitor V has these calls; reading, overriding, listing and writing are visitors:
//   v(name, int64_t&,                  Range,  help)
//   v(name, double&,                   Range,  help)
//   v(name, bool&,                     help)
//   v(name, std::string&,              help)            free text
//   v(name, std::string&,              Choice, help)
//   v(name, std::string&,              ExistingFile, help)   "" = none
//   v(name, std::vector<std::string>&, help)
//   v(name, std::vector<std::string>&, Choice, help)
//   v(name, std::vector<std::string>&, ExistingFile, help)
//   v(name, std::vector<double>&,      Range,  help)
//   v(name, Options&,                  help)            a nested struct with Fields
// The value that a default-constructed struct holds is the default.

}  // namespace links
