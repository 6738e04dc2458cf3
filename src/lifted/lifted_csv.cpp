#include <charconv>
#include <cmath>

#include "lifted_text.h"
#include "links/core/error.h"
#include "links/core/text.h"

namespace links {
namespace {

/// The shortest text that reads back the same float; "" for what is not known.
std::string Number(double value) {
  if (!std::isfinite(value)) return "";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr;
  return std::string(text, end);
}

std::string Row(const LiftedFrame& frame, const LiftedPerson& person, int joint) {
  const bool seen = person.states[joint] != JointState::kGuessed;
  std::string row = Concat(frame.index, ",", CsvField(frame.image), ",", person.person, ",",
                           CsvField(person.track), ",", kJointNames[joint]);
  const double* at = &person.joints[3 * joint];
  for (int k = 0; k < 3; ++k) row += "," + Number(at[k]);
  for (int k = 0; k < 3; ++k) row += "," + (person.mm_per_unit > 0 ? Number(at[k] * person.mm_per_unit) : "");
  row += Concat(",", JointStateName(person.states[joint]));
  for (int k = 0; k < 2; ++k) row += "," + (seen ? Number(person.px[2 * joint + k]) : "");
  row +=
      Concat(",", seen ? Number(person.confidence[joint]) : "", ",", CsvField(person.lifters), ",",
             Number(person.plausibility), ",", Number(person.scale_px), ",", CsvField(person.scale_from), ",",
             person.root_estimated ? 1 : 0, ",", Number(person.root_px[0]), ",", Number(person.root_px[1]));
  for (const double x : person.root) row += "," + (person.upright ? Number(x) : "");
  row += "," + (person.spread.empty() ? "" : Number(person.spread[joint])) + "\n";
  return row;
}

}  // namespace

std::string LiftedCsvHeader() {
  return "index,image,person,track,joint,x,y,z,x_mm,y_mm,z_mm,state,x_px,y_px,confidence,lifters,"
         "plausibility,scale_px,scale_from,root_estimated,root_x_px,root_y_px,root_x,root_y,root_z,"
         "spread\n";
}

std::string LiftedCsv(const LiftedFrame& frame) {
  std::string rows;
  for (const LiftedPerson& person : frame.people) {
    if (!person.unusable.empty()) continue;
    for (int joint = 0; joint < kJoints; ++joint) rows += Row(frame, person, joint);
  }
  return rows;
}

}  // namespace links
