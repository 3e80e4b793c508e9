#include "http/internal/body_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pharos::http::internal {
namespace {

constexpr size_t kSmallest = 16 * 1024;  // below, the second system call costs more than the copy
constexpr size_t kLargest = 4 * 1024 * 1024;
constexpr size_t kMaxEntries = 32;
constexpr uint32_t kSendsBefore = 4;

constexpr size_t kPageBytes = 4096;
constexpr size_t kLargestInPipe = 63 * kPageBytes;

void MakePipe(size_t bytes, OwnedFd& out, OwnedFd& in) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
  out = OwnedFd(ends[0]);
  in = OwnedFd(ends[1]);
  // Unprivileged users have a budget of pipe pages, so no more than is needed.
  ::fcntl(in.get(), F_SETPIPE_SZ, static_cast<int>(bytes + kPageBytes));
}

bool IsSame(const std::weak_ptr<const std::string>& a, const SharedBytes& b) {
  return !a.owner_before(b) && !b.owner_before(a);
}

}  // namespace

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

// Null when the system gives no such file.
std::shared_ptr<const BodyFile> BodyFiles::MakeFile(const std::string& bytes) {
  auto body = std::make_shared<BodyFile>();
  body->size = bytes.size();
  body->file = OwnedFd(::memfd_create("pharos-page", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(body->file.get(), bytes.data() + done, bytes.size() - done);
    if (n <= 0) return nullptr;
    done += static_cast<size_t>(n);
  }
  ::fcntl(body->file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  if (bytes.size() > kLargestInPipe) return body;

  if (nowhere_.get() < 0) {
    MakePipe(kLargestInPipe, scratch_out_, scratch_in_);
    nowhere_ = OwnedFd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  }
  OwnedFd in;
  MakePipe(bytes.size(), body->pages, in);
  loff_t offset = 0;
  const ssize_t filled =
      ::splice(body->file.get(), &offset, in.get(), nullptr, bytes.size(), SPLICE_F_NONBLOCK);
  const bool usable =
      nowhere_.get() >= 0 && scratch_in_.get() >= 0 && filled == static_cast<ssize_t>(bytes.size());
  if (!usable) body->pages = OwnedFd();
  return body;
}

ssize_t BodyFiles::Send(int socket, const BodyFile& body, size_t offset) {
  if (offset == 0 && body.pages.get() >= 0) return SendPages(socket, body);
  auto from = static_cast<off_t>(offset);
  return ::sendfile(socket, body.file.get(), &from, body.size - offset);
}

ssize_t BodyFiles::SendPages(int socket, const BodyFile& body) {
  const ssize_t copied = ::tee(body.pages.get(), scratch_in_.get(), body.size, SPLICE_F_NONBLOCK);
  if (copied <= 0) return copied;
  const auto length = static_cast<size_t>(copied);
  const ssize_t sent =
      ::splice(scratch_out_.get(), nullptr, socket, nullptr, length, SPLICE_F_NONBLOCK);
  const int error = errno;
  if (sent < copied) {  // the rest is sent from the file, when there is room
    const size_t rest = length - static_cast<size_t>(std::max<ssize_t>(sent, 0));
    ::splice(scratch_out_.get(), nullptr, nowhere_.get(), nullptr, rest, SPLICE_F_NONBLOCK);
  }
  errno = error;
  return sent;
}

std::shared_ptr<const BodyFile> BodyFiles::Find(const SharedBytes& bytes) {
  if (bytes->size() < kSmallest || bytes->size() > kLargest) return nullptr;
  if (entries_.size() >= kMaxEntries && !entries_.contains(bytes.get())) MakeRoom();
  Entry& entry = entries_[bytes.get()];
  if (!IsSame(entry.bytes, bytes)) entry = Entry{bytes, nullptr, 0, 0};
  entry.used_at = ++sendings_;
  // Where no file is to be had, it is asked for once.
  if (++entry.sends == kSendsBefore) entry.file = MakeFile(*bytes);
  return entry.file;
}

void BodyFiles::DropUnused() {
  std::erase_if(entries_, [](const auto& item) { return item.second.bytes.expired(); });
}

void BodyFiles::MakeRoom() {
  DropUnused();
  if (entries_.size() < kMaxEntries) return;
  entries_.erase(std::min_element(
      entries_.begin(), entries_.end(),
      [](const auto& a, const auto& b) { return a.second.used_at < b.second.used_at; }));
}

}  // namespace pharos::http::internal
