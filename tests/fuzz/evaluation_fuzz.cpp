// Files of evaluations (JSON), as `links report` reads them from anyone.
#include "fuzz.h"
#include "links/report/evaluation_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  const fuzz::InputFile file({reinterpret_cast<const char*>(data), size}, ".json");
  fuzz::Try([&] {
    const EvaluationFile evaluation = ReadEvaluation(file.path());
    for (const auto& [key, metrics] : evaluation.results) {
      for (const MetricField& field : kMetricFields)
        fuzz::Expect(!(metrics.*field.value < 0), "a negative error");
    }
  });
  return 0;
}
