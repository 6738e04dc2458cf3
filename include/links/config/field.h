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

/// The values of an option that is one of several: for an enumeration their names in the order of its values,
/// which are 0, 1, 2, ...; a std::string for choices that the code lists elsewhere.
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
//   v(name, Enumeration&,              Choice, help)
//   v(name, std::vector<Enumeration>&, Choice, help)
//   v(name, std::vector<std::string>&, ExistingFile, help)
//   v(name, std::vector<double>&,      Range,  help)
//   v(name, Options&,                  help)            a nested struct with Fields
// The value that a default-constructed struct holds is the default.

}  // namespace links
