#include <c10/util/Exception.h>

#include <string>

#include "bindings.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/version.h"

namespace {

std::string& Share() {
  static std::string share;
  return share;
}

}  // namespace

// Where the package's configurations are (links/core/share.h).
extern "C" const char* links_package_share();
extern "C" const char* links_package_share() {
  return Share().c_str();
}

PYBIND11_MODULE(_links, module) {
  module.doc() = "LInKs in C++, behind the package links.";
  static const pybind11::exception<links::Error> error(module, "Error", PyExc_RuntimeError);
  static const pybind11::exception<links::UsageError> usage(
      module, "UsageError", pybind11::make_tuple(error, pybind11::handle(PyExc_ValueError)));
  pybind11::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const links::UsageError& problem) {
      pybind11::set_error(usage, problem.what());
    } catch (const links::Error& problem) {
      pybind11::set_error(error, problem.what());
    } catch (const c10::Error& problem) {  // LibTorch's, without the list of its functions
      pybind11::set_error(error, problem.what_without_backtrace());
    }
  });
  module.attr("version") = links::Version();
  module.attr("libtorch_version") = LINKS_TORCH_VERSION;
  module.def("set_share", [](const std::string& folder) { Share() = folder; });
  links::SetLogLevel(links::LogLevel::kWarning);
  links::BindEstimator(module);
  links::BindPoses(module);
  links::BindMetrics(module);
}
