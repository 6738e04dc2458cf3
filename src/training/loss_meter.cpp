#include "links/training/loss_meter.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"

namespace links {

void LossMeter::PrepareState(int64_t terms) {
  if (sums_.defined()) return;
  const auto options = torch::TensorOptions(torch::kFloat64).device(device_);
  sums_ = torch::zeros({runs_, terms}, options);
  count_ = torch::zeros({}, options);
  first_bad_ = torch::full({runs_, terms}, -1.0, options);
}

void LossMeter::Start() {
  if (!sums_.defined()) return;
  sums_.zero_();
  count_.zero_();
  first_bad_.fill_(-1.0);
}

void LossMeter::Add(const StepLoss& loss) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> values = {loss.total.detach().reshape({runs_})};
  for (const auto& [name, term] : loss.terms) values.push_back(term.reshape({runs_}));
  if (names_.empty()) {
    names_.emplace_back("total");
    for (const auto& [name, term] : loss.terms) names_.push_back(name);
  }
  PrepareState(static_cast<int64_t>(values.size()));
  const torch::Tensor row = torch::stack(values, 1).to(torch::kFloat64);
  sums_.add_(row);
  first_bad_.copy_(
      torch::where((first_bad_ < 0).logical_and(row.isfinite().logical_not()), count_, first_bad_));
  count_.add_(1);
}

std::vector<std::pair<std::string, double>> LossMeter::Means(const std::string& where, int64_t run) const {
  const torch::Tensor bad = first_bad_[run].cpu(), means = (sums_[run] / count_).cpu();
  int64_t culprit = -1;
  for (int64_t i = 0; i < bad.size(0); ++i) {
    const double step = bad[i].item<double>();
    // Of several in the same step the last one: the total comes first and says least.
    if (step >= 0 && (culprit < 0 || step <= bad[culprit].item<double>())) culprit = i;
  }
  if (culprit >= 0) {
    throw Error("expected finite losses, found '", names_[culprit], "' not finite in ", where, ", step ",
                static_cast<int64_t>(bad[culprit].item<double>()) + 1);
  }
  std::vector<std::pair<std::string, double>> values;
  for (int64_t i = 0; i < means.size(0); ++i) values.emplace_back(names_[i], means[i].item<double>());
  return values;
}

NamedTensors LossMeter::State(int64_t run) const {
  return {{"sums", sums_[run]}, {"count", count_}, {"first_bad", first_bad_[run]}};
}

}  // namespace links
