#include "probe/manual/manual_probe.h"

#include "probe/pushed_kind.h"

namespace pharos::probe {
namespace {

std::vector<model::FieldSpec> ManualRows() {
  return {
      {.name = "repeat_last",
       .type = model::FieldType::kBool,
       .fallback = false,
       .help = "Repeat the last reported status every minute until a new one comes, instead of "
               "falling back to the default status."},
  };
}

class ManualProbe : public PushedKind {
 public:
  ManualProbe()
      : PushedKind("manual", "Manual",
                   "Nothing goes out, and only principals who may write data can report.",
                   ManualRows()) {}
};

}  // namespace

std::unique_ptr<Probe> MakeManualProbe() { return std::make_unique<ManualProbe>(); }

}  // namespace pharos::probe
