#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/secrets.h"

namespace pharos::app {

// The key file beside the data: one key per line in hexadecimal, the first one seals. Made with
// mode 0600 when the first secret is set; read only while nobody else may read it.
class SecretKeyFile : public service::SecretKeys {
 public:
  explicit SecretKeyFile(std::string path) : path_(std::move(path)) {}
  Result<std::vector<Secret>> Load() override;
  Status Save(const std::vector<Secret>& keys) override;
  std::string Place() const override { return path_; }

 private:
  const std::string path_;
  std::mutex saving_;
};

// For databases in memory.
class SecretKeysInMemory : public service::SecretKeys {
 public:
  Result<std::vector<Secret>> Load() override;
  Status Save(const std::vector<Secret>& keys) override;
  std::string Place() const override { return "memory"; }

 private:
  std::mutex mutex_;
  std::vector<Secret> keys_;
};

// "secret.key" in the directory of the database.
std::string SecretKeyPath(const std::string& database_path);
std::unique_ptr<service::SecretKeys> SecretKeysFor(const std::string& database_path);

// $NAME from the environment: names that begin with the prefix, never Pharos's own settings.
probe::SecretLookup EnvironmentSecrets(std::string prefix);

}  // namespace pharos::app
