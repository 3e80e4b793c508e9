#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "http/message.h"

namespace pharos::http::internal {

// A descriptor with an owner.
class OwnedFd {
 public:
  explicit OwnedFd(int fd = -1) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd();
  int get() const { return fd_; }

 private:
  int fd_;
};

// An unchangeable file in memory with the bytes of a reply. The kernel sends its pages as they are,
// where a write would copy them into the socket, which is most of the cost of a 50 KB page.
struct BodyFile {
  OwnedFd file;
  // A pipe filled once with the pages of the file, if they are few: duplicating it into another
  // pipe spares the look-up of each page, which sendfile() does every time.
  OwnedFd pages;
  size_t size = 0;
};

// Files for the big shared bodies that are sent again and again, that is, cached pages. Bounded in
// number; a body that nobody else holds any more loses its file. For one thread, which must have
// SIGPIPE blocked.
class BodyFiles {
 public:
  // Sends from `offset` on; like send(), for a non-blocking socket.
  ssize_t Send(int socket, const BodyFile& body, size_t offset);
  // The file with these bytes, or null when writing them is as good. Counts the sending.
  std::shared_ptr<const BodyFile> Find(const SharedBytes& bytes);
  // Closes the files of bodies that are gone; called now and then.
  void DropUnused();

 private:
  struct Entry {
    std::weak_ptr<const std::string> bytes;  // tells an address reused by other bytes
    std::shared_ptr<const BodyFile> file;
    uint32_t sends = 0;
    uint64_t used_at = 0;  // in sendings
  };
  void MakeRoom();
  std::shared_ptr<const BodyFile> MakeFile(const std::string& bytes);
  ssize_t SendPages(int socket, const BodyFile& body);

  std::unordered_map<const std::string*, Entry> entries_;
  uint64_t sendings_ = 0;
  // Where pages are duplicated to on their way; empty between calls.
  OwnedFd scratch_out_;
  OwnedFd scratch_in_;
  OwnedFd nowhere_;
};

}  // namespace pharos::http::internal
