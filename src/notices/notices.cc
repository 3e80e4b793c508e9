#include "notices/notices.h"

#include <utility>

namespace pharos::notices {

Board::Board() : shared_(std::make_shared<Guarded<Shared>>()) {}

std::unique_ptr<Board::Token> Board::Subscribe(Subscriber subscriber) {
  class Unsubscriber : public Token {
   public:
    Unsubscriber(std::shared_ptr<Guarded<Shared>> shared, uint64_t id, std::shared_ptr<Slot> slot)
        : shared_(std::move(shared)), id_(id), slot_(std::move(slot)) {}
    ~Unsubscriber() override {
      shared_->Write([&](Shared& s) {
        std::erase_if(s.entries, [&](const Entry& entry) { return entry.id == id_; });
      });
      // A publisher may have the slot in hand still.
      const std::lock_guard lock(slot_->mutex);
      slot_->call = nullptr;
    }

   private:
    std::shared_ptr<Guarded<Shared>> shared_;
    uint64_t id_;
    std::shared_ptr<Slot> slot_;
  };
  auto slot = std::make_shared<Slot>();
  slot->call = std::move(subscriber);
  const uint64_t id = shared_->Write([&](Shared& s) {
    const uint64_t next = s.next_id++;
    s.entries.push_back({next, slot});
    return next;
  });
  return std::make_unique<Unsubscriber>(shared_, id, std::move(slot));
}

void Board::Publish(const std::vector<Notice>& notices) const {
  if (notices.empty()) return;
  const std::vector<Entry> entries = shared_->Read([](const Shared& s) { return s.entries; });
  for (const Entry& entry : entries) {
    const std::lock_guard lock(entry.slot->mutex);
    if (entry.slot->call) entry.slot->call(notices);
  }
}

}  // namespace pharos::notices
