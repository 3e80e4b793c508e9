#include "notices/notices.h"

#include <utility>

namespace pharos::notices {

Board::Board() : shared_(std::make_shared<Guarded<Shared>>()) {}

std::unique_ptr<Board::Token> Board::Subscribe(Subscriber subscriber) {
  class Unsubscriber : public Token {
   public:
    Unsubscriber(std::shared_ptr<Guarded<Shared>> shared, uint64_t id)
        : shared_(std::move(shared)), id_(id) {}
    ~Unsubscriber() override {
      shared_->Write([&](Shared& s) {
        std::erase_if(s.entries, [&](const Entry& entry) { return entry.id == id_; });
      });
    }

   private:
    std::shared_ptr<Guarded<Shared>> shared_;
    uint64_t id_;
  };
  const uint64_t id = shared_->Write([&](Shared& s) {
    const uint64_t next = s.next_id++;
    s.entries.push_back({next, std::make_shared<Subscriber>(std::move(subscriber))});
    return next;
  });
  return std::make_unique<Unsubscriber>(shared_, id);
}

void Board::Publish(const std::vector<Notice>& notices) const {
  if (notices.empty()) return;
  const std::vector<Entry> entries = shared_->Read([](const Shared& s) { return s.entries; });
  for (const Entry& entry : entries) (*entry.call)(notices);
}

}  // namespace pharos::notices
