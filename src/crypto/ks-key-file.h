/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The exported room-key file (Client-Server API, "Key exports"): the text between
 * "-----BEGIN MEGOLM SESSION DATA-----" and its end line, to and from the bytes inside,
 * which are JSON but not read here. Streams both ways in flat memory; it touches no
 * file itself.
 *
 * The proof that a file is whole stands at its end. Nothing that was not proven is ever
 * given out, so reading takes two passes over the same file:
 *
 *   1. a KsKeyFileVerifier is fed the whole file and answers with a KsKeyFileProof;
 *   2. a KsKeyFileDecryptor made from that proof is fed it again and gives out the
 *      plaintext, a block at a time, each checked against what the first pass saw. A
 *      file that changed in between ends in KS_KEY_FILE_CHANGED before anything of the
 *      change is given out.
 *
 * The objects keep no pointer to the pieces they were fed, which may be of any size.
 * Each object is for one thread at a time. Making keys from the phrase takes its time
 * (see ks_pbkdf2_sha512()): all this is work for worker threads.
 */
#pragma once

#include "crypto/ks-kdf.h"

G_BEGIN_DECLS

/* By which such a file is known, wherever in it the line stands. */
#define KS_KEY_FILE_FIRST_LINE "-----BEGIN MEGOLM SESSION DATA-----"

typedef enum
{
  KS_KEY_FILE_OK,
  KS_KEY_FILE_NO_HEADER,       /* no room-key file at all: the first line is nowhere */
  KS_KEY_FILE_DAMAGED,         /* cut short, no end line, or characters that do not belong; or the
                                  phrase opens the beginning, and what follows was changed */
  KS_KEY_FILE_UNKNOWN_VERSION, /* whole so far, but not of version 1 */
  KS_KEY_FILE_BAD_ITERATIONS,  /* none, or above KS_PBKDF2_MAX_ITERATIONS */
  KS_KEY_FILE_WRONG_PHRASE,    /* the phrase is wrong, or bytes at the beginning were changed: the
                                  format cannot tell the two apart */
  KS_KEY_FILE_CHANGED,         /* second pass only: not the file of the first pass */
  KS_KEY_FILE_STOPPED,         /* the sink answered false */
  KS_KEY_FILE_FAILED,          /* the library failed */
} KsKeyFileResult;

/* Takes what an encryptor or a decryptor gives out. The bytes are valid during the call;
 * those of a decryptor hold room keys and are wiped after it. false stops the work. */
typedef bool (*KsKeyFileSink) (const uint8_t *bytes, size_t size, gpointer data);

/* --- Writing --- */

/* Encrypts with version 1, writes padded base64 in lines of 96 characters, both lines
 * around it, and a final newline. */
typedef struct KsKeyFileEncryptor KsKeyFileEncryptor;

/* Derives the keys from @phrase, which takes its time, with a fresh salt and IV.
 * @iterations: KS_PBKDF2_DEFAULT_ITERATIONS. Nothing is given to @sink yet.
 *
 * NULL: @iterations is out of bounds, or the library failed. */
KsKeyFileEncryptor *
ks_key_file_encryptor_new (const KsSecret *phrase, int64_t iterations, KsKeyFileSink sink, gpointer sink_data)
    G_GNUC_WARN_UNUSED_RESULT;
void ks_key_file_encryptor_free (KsKeyFileEncryptor *encryptor); /* NULL is allowed */

/* The next piece of the plaintext. After an error nothing but freeing is of use; every
 * further call gives the same error. */
KsKeyFileResult ks_key_file_encryptor_update (KsKeyFileEncryptor *encryptor, const void *plain, size_t size)
    G_GNUC_WARN_UNUSED_RESULT;

/* Writes the MAC and the end line. A file without them is of no use to anybody. */
KsKeyFileResult ks_key_file_encryptor_finish (KsKeyFileEncryptor *encryptor) G_GNUC_WARN_UNUSED_RESULT;

/* --- Reading --- */

/* What the first pass found: keys, and what the second pass must see again. Some 32
 * bytes for every 64 KiB of the file. Counts no references; never changes, so that any
 * number of decryptors may be made from it and used in different threads. */
typedef struct KsKeyFileProof KsKeyFileProof;

void ks_key_file_proof_free (KsKeyFileProof *proof); /* NULL is allowed */

/* The size of the plaintext in bytes, and the rounds that its writer chose. */
uint64_t ks_key_file_proof_get_size (const KsKeyFileProof *proof);
uint32_t ks_key_file_proof_get_iterations (const KsKeyFileProof *proof);

/* Clients differ in how many bits of the IV count up. The specification therefore has
 * bit 63 of the IV cleared; not every writer does so. */
typedef enum
{
  KS_KEY_FILE_COUNTER_128, /* as OpenSSL; the one to try first */
  KS_KEY_FILE_COUNTER_64,  /* as Element in a browser */
} KsKeyFileCounter;

/* true: the two counters give different plaintexts. If one of them is not the JSON that
 * is expected, try the other. */
bool ks_key_file_proof_counter_matters (const KsKeyFileProof *proof);

/* The first pass. Takes files as they come back from mail, editors and chats: with a
 * byte order mark, CRLF, no final newline, padded or not, wrapped at any width or not at
 * all, with text before and after. */
typedef struct KsKeyFileVerifier KsKeyFileVerifier;

/* Takes a reference to @phrase. */
KsKeyFileVerifier *ks_key_file_verifier_new (KsSecret *phrase) G_GNUC_WARN_UNUSED_RESULT;
void ks_key_file_verifier_free (KsKeyFileVerifier *verifier); /* NULL is allowed */

/* The next piece of the file. Once the first 37 bytes inside are there, derives the keys.
 * After an error every further call gives the same error. */
KsKeyFileResult ks_key_file_verifier_update (KsKeyFileVerifier *verifier, const void *bytes, size_t size)
    G_GNUC_WARN_UNUSED_RESULT;

/* The end of the file. @proof is set to NULL after an error. */
KsKeyFileResult ks_key_file_verifier_finish (KsKeyFileVerifier *verifier, KsKeyFileProof **proof)
    G_GNUC_WARN_UNUSED_RESULT;

/* The second pass. */
typedef struct KsKeyFileDecryptor KsKeyFileDecryptor;

/* Borrows @proof, which must outlive the decryptor. */
KsKeyFileDecryptor *ks_key_file_decryptor_new (const KsKeyFileProof *proof,
                                               KsKeyFileCounter counter,
                                               KsKeyFileSink sink,
                                               gpointer sink_data) G_GNUC_WARN_UNUSED_RESULT;
void ks_key_file_decryptor_free (KsKeyFileDecryptor *decryptor); /* NULL is allowed */

/* The next piece of the file. After an error every further call gives the same error. */
KsKeyFileResult ks_key_file_decryptor_update (KsKeyFileDecryptor *decryptor, const void *bytes, size_t size)
    G_GNUC_WARN_UNUSED_RESULT;

/* The end of the file: all of the plaintext was given out, and it was all of the file. */
KsKeyFileResult ks_key_file_decryptor_finish (KsKeyFileDecryptor *decryptor) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyFileEncryptor, ks_key_file_encryptor_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyFileProof, ks_key_file_proof_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyFileVerifier, ks_key_file_verifier_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyFileDecryptor, ks_key_file_decryptor_free)

G_END_DECLS
