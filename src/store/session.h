#pragma once

namespace pharos::store {

// A consistent view of the store for reading. Not thread-safe; keep it short, since an open view
// keeps old pages alive. Backends derive from it and recognise their own.
class Session {
 public:
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 protected:
  Session() = default;
};

// A view that may also write; exists only inside Store::Write. Reads see the writes before them.
class Transaction : public Session {
 protected:
  Transaction() = default;
};

}  // namespace pharos::store
