#include "wallet/cli/outbox.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/check.h"
#include "base/os/file.h"
#include "crypto/hash.h"
#include "ledger/limits.h"
#include "wallet/cli/private_file.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::size_t kNotesBytesMax = 4096;
constexpr std::string_view kTransactionSuffix = ".bcs";
constexpr std::string_view kNotesSuffix = ".json";

std::string path_of(const std::string& directory, const ledger::TransactionId& id,
                    std::string_view suffix) {
  return directory + "/" + base::to_hex(id.view()) + std::string{suffix};
}

std::string payee_path(const WalletHome& home, const ledger::AccountId& payee) {
  return home.payees_path() + "/" + base::to_hex(payee.view());
}

// The ids of the payments in a directory: names of 64 hexadecimal digits and ".bcs".
Result<std::vector<ledger::TransactionId>> ids_in(const std::string& directory) {
  std::vector<ledger::TransactionId> out;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const auto name = it->path().filename().string();
    if (!name.ends_with(kTransactionSuffix)) continue;
    const auto stem = name.substr(0, name.size() - kTransactionSuffix.size());
    if (const auto id = base::fixed_from_hex<ledger::TransactionId>(stem)) out.push_back(*id);
  }
  if (error) {
    return fail(ExitCode::kError, "io_error",
                "Cannot list " + directory + ": " + error.message() + ".");
  }
  std::sort(out.begin(), out.end());
  return out;
}

base::Unexpected<Failure> damaged(const std::string& path) {
  return fail(ExitCode::kError, "outbox_damaged",
              path + " is damaged, so it is unknown whether that payment was made.",
              "restore the file from a backup, or look at peerpay history and then move it away");
}

Result<ledger::SealedTransaction> read_transaction(const std::string& path,
                                                   const ledger::ChainId& chain,
                                                   const ledger::TransactionId& id) {
  const auto bytes = os::read_file(path, ledger::kSignedTransactionBytesMax);
  if (!bytes) return io_failed(bytes.error());
  auto sealed = ledger::seal(chain, *bytes);
  if (!sealed || sealed->id != id) return damaged(path);
  return *std::move(sealed);
}

// Notes are a convenience: without them a payment is simply pending.
Json read_notes(const std::string& path) {
  const auto bytes = os::read_file(path, kNotesBytesMax);
  if (!bytes) return {};
  return Json::parsed(base::to_text(*bytes)).value_or(Json{});
}

Result<void> write(const std::string& path, base::ByteView content) {
  const auto written = os::write_file_atomically(path, content, {.mode = 0600});
  if (!written) return io_failed(written.error());
  return {};
}

// A convenience: without it, the next payment to this account is called the first one.
void note_payee(const WalletHome& home, const ledger::AccountId& payee) {
  if (!os::create_directories(home.payees_path(), 0700)) return;
  (void)write(payee_path(home, payee), {});
}

// Which request a payment answers: payee with tag, asset and reference, each of fixed width but the
// last.
std::string reference_path(const WalletHome& home, const PaymentOrder& order) {
  base::Bytes key{order.payee.account.bytes.begin(), order.payee.account.bytes.end()};
  key.push_back(order.payee.tag ? 1 : 0);
  const auto add_number = [&key](std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      key.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  add_number(order.payee.tag.value_or(0));
  add_number(order.asset.value);
  key.insert(key.end(), order.reference.begin(), order.reference.end());
  return home.references_path() + "/" + base::to_hex(crypto::sha256(key).view());
}

// No convenience: without it, the same request could be paid again.
Result<void> note_reference(const WalletHome& home, const OutboxEntry& entry) {
  if (entry.order.reference.empty()) return {};
  if (const auto made = os::create_directories(home.references_path(), 0700); !made) {
    return io_failed(made.error());
  }
  const auto id = base::to_hex(entry.transaction.id.view()) + "\n";
  return write(reference_path(home, entry.order), base::as_bytes(id));
}

Json::Object notes_of(const OutboxEntry& entry) {
  Json::Object out{{"version", std::uint64_t{1}}, {"created_ms", entry.created.value}};
  if (entry.refused_code) out.emplace_back("refused_code", *entry.refused_code);
  return out;
}

Result<void> write_notes(const std::string& path, Json::Object notes) {
  return write(path, base::as_bytes(Json{std::move(notes)}.serialized() + "\n"));
}

Result<void> move_durably(const std::string& from_directory, const std::string& to_directory,
                          const ledger::TransactionId& id) {
  const auto from = path_of(from_directory, id, kTransactionSuffix);
  const auto to = path_of(to_directory, id, kTransactionSuffix);
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    return io_failed(os::io_failure("rename", from).error);
  }
  for (const auto& directory : {to_directory, from_directory}) {
    if (const auto synced = os::sync_directory(directory); !synced)
      return io_failed(synced.error());
  }
  return {};
}

// The name of a payment's file that was being written (os::write_file_atomically), or of notes.
bool is_leftover(const std::filesystem::path& path) {
  const auto name = path.filename().string();
  const auto dot = std::min(name.find('.'), name.size());
  const auto id = base::fixed_from_hex<ledger::TransactionId>(name.substr(0, dot));
  if (!id) return false;
  const auto suffix = std::string_view{name}.substr(dot);
  if (suffix.starts_with(".bcs.tmp-") || suffix.starts_with(".json.tmp-")) return true;
  const auto transaction = path_of(path.parent_path().string(), *id, kTransactionSuffix);
  return suffix == kNotesSuffix && access(transaction.c_str(), F_OK) != 0 && errno == ENOENT;
}

}  // namespace

void remove_leftovers(const WalletHome& home) {
  std::vector<std::string> leftovers;
  std::error_code error;
  for (std::filesystem::directory_iterator it(home.outbox_path(), error), end; !error && it != end;
       it.increment(error)) {
    if (is_leftover(it->path())) leftovers.push_back(it->path().string());
  }
  // They mean nothing, so a failure here changes nothing.
  for (const auto& path : leftovers) (void)unlink(path.c_str());
}

std::string_view name(PaymentEnd end) {
  switch (end) {
    case PaymentEnd::kFinal: return "final";
    case PaymentEnd::kRefused: return "refused";
    case PaymentEnd::kExpired: return "expired";
    case PaymentEnd::kReplaced: return "replaced";
  }
  PEERPAY_UNREACHABLE("every PaymentEnd has a name");
}

Result<std::vector<OutboxEntry>> Outbox::entries() const {
  const auto ids = ids_in(home_.outbox_path());
  if (!ids) return base::Unexpected{ids.error()};
  std::vector<OutboxEntry> out;
  for (const auto& id : *ids) {
    const auto path = path_of(home_.outbox_path(), id, kTransactionSuffix);
    auto transaction = read_transaction(path, chain_, id);
    if (!transaction) return base::Unexpected{transaction.error()};
    auto order = order_of(transaction->transaction.body);
    if (!order) return damaged(path);
    const auto notes = read_notes(path_of(home_.outbox_path(), id, kNotesSuffix));
    out.push_back({.transaction = *std::move(transaction),
                   .order = *std::move(order),
                   .created = {notes.member_number("created_ms").value_or(0)},
                   .refused_code = notes.member_text("refused_code")});
  }
  std::stable_sort(out.begin(), out.end(), [](const OutboxEntry& a, const OutboxEntry& b) {
    return a.created < b.created;
  });
  return out;
}

Result<void> Outbox::add(const OutboxEntry& entry) const {
  const auto notes = path_of(home_.outbox_path(), entry.transaction.id, kNotesSuffix);
  if (const auto written = write_notes(notes, notes_of(entry)); !written) return written;
  return write(path_of(home_.outbox_path(), entry.transaction.id, kTransactionSuffix),
               entry.transaction.bytes);
}

Result<void> Outbox::mark_refused(const OutboxEntry& entry, std::string_view code) const {
  auto refused = entry;
  refused.refused_code = std::string{code};
  return write_notes(path_of(home_.outbox_path(), entry.transaction.id, kNotesSuffix),
                     notes_of(refused));
}

Result<void> Outbox::settle(const OutboxEntry& entry, const EndNote& note) const {
  const auto& id = entry.transaction.id;
  auto notes = notes_of(entry);
  notes.emplace_back("end", name(note.end));
  if (!note.code.empty()) notes.emplace_back("code", note.code);
  if (note.height) notes.emplace_back("height", note.height->value);
  const auto written = write_notes(path_of(home_.sent_path(), id, kNotesSuffix), std::move(notes));
  if (!written) return written;
  if (note.end == PaymentEnd::kFinal) {
    if (const auto noted = note_reference(home_, entry); !noted) return noted;
    if (!has_paid(entry.order.payee.account)) note_payee(home_, entry.order.payee.account);
  }
  if (const auto moved = move_durably(home_.outbox_path(), home_.sent_path(), id); !moved) {
    return moved;
  }
  // Left-over notes without a transaction mean nothing, so a failure here changes nothing.
  (void)unlink(path_of(home_.outbox_path(), id, kNotesSuffix).c_str());
  return {};
}

Result<std::optional<Outbox::Record>> Outbox::find(const ledger::TransactionId& id) const {
  for (const auto& directory : {home_.outbox_path(), home_.sent_path()}) {
    const auto path = path_of(directory, id, kTransactionSuffix);
    if (access(path.c_str(), F_OK) != 0) continue;
    auto transaction = read_transaction(path, chain_, id);
    if (!transaction) return base::Unexpected{transaction.error()};
    const auto notes = read_notes(path_of(directory, id, kNotesSuffix));
    const auto refused = notes.member_text("refused_code");
    const auto waiting = refused ? "refused_for_now" : "pending";
    return std::optional{
        Record{.transaction = *std::move(transaction),
               .state = notes.member_text("end").value_or(waiting),
               .code = notes.member_text("code").value_or(refused.value_or(std::string{}))}};
  }
  return std::optional<Record>{};
}

std::optional<ledger::TransactionId> Outbox::final_with_nonce(const ledger::AccountId& sender,
                                                              ledger::Nonce nonce) const {
  const auto ids = ids_in(home_.sent_path());
  if (!ids) return std::nullopt;
  const auto has_nonce = [&](const ledger::TransactionId& id) {
    const auto sent =
        read_transaction(path_of(home_.sent_path(), id, kTransactionSuffix), chain_, id);
    if (!sent) return false;
    const auto& body = sent->transaction.body;
    return body.sender == sender && body.nonce == nonce;
  };
  const auto is_final = [&](const ledger::TransactionId& id) {
    const auto notes = read_notes(path_of(home_.sent_path(), id, kNotesSuffix));
    return notes.member_text("end") == name(PaymentEnd::kFinal);
  };
  const auto found = std::find_if(ids->begin(), ids->end(),
                                  [&](const auto& id) { return has_nonce(id) && is_final(id); });
  return found == ids->end() ? std::nullopt : std::optional{*found};
}

Result<std::optional<ledger::TransactionId>> Outbox::paid_reference(
    const PaymentOrder& order) const {
  const auto path = reference_path(home_, order);
  if (order.reference.empty() || access(path.c_str(), F_OK) != 0) {
    return std::optional<ledger::TransactionId>{};
  }
  const auto bytes = os::read_file(path, kNotesBytesMax);
  if (!bytes) return io_failed(bytes.error());
  const auto text = base::to_text(*bytes);
  const auto id = base::fixed_from_hex<ledger::TransactionId>(text.substr(0, text.find('\n')));
  if (!id) return damaged(path);
  return std::optional{*id};
}

bool Outbox::has_paid(const ledger::AccountId& payee) const {
  return access(payee_path(home_, payee).c_str(), F_OK) == 0;
}

}  // namespace peerpay::wallet::cli
