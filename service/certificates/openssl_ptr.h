#ifndef ROLLCALL_CERTIFICATES_OPENSSL_PTR_H_
#define ROLLCALL_CERTIFICATES_OPENSSL_PTR_H_

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <memory>

// Who frees what OpenSSL made. For this library's own sources: no public header includes it.
namespace rollcall::certificates {

template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* made) const {
    kFree(made);
  }
};
template <typename T, auto kFree>
using OpensslPtr = std::unique_ptr<T, OpensslFree<kFree>>;

using Asn1IntegerPtr = OpensslPtr<ASN1_INTEGER, ASN1_INTEGER_free>;
using Asn1TimePtr = OpensslPtr<ASN1_TIME, ASN1_TIME_free>;
using BignumPtr = OpensslPtr<BIGNUM, BN_free>;
using BioPtr =
    OpensslPtr<BIO, BIO_free_all>;  // a memory BIO overwrites its buffer before freeing it
using EvpPkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;  // overwrites the private number
using EvpPkeyCtxPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using GeneralNamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;
using X509ExtensionPtr = OpensslPtr<X509_EXTENSION, X509_EXTENSION_free>;
using X509NamePtr = OpensslPtr<X509_NAME, X509_NAME_free>;
using X509ReqPtr = OpensslPtr<X509_REQ, X509_REQ_free>;

// Bytes that are overwritten before they are freed.
struct ClearFree {
  size_t size = 0;
  void operator()(unsigned char* bytes) const { OPENSSL_secure_clear_free(bytes, size); }
};
using SecretBytes = std::unique_ptr<unsigned char, ClearFree>;

// Stands at the top of every function of ours that may fail inside OpenSSL. The thread's error
// queue is empty while it begins and when it ends: an entry left behind would be taken for an error
// of the next TLS connection that this thread serves.
class CleanErrorQueue {
 public:
  CleanErrorQueue() { ERR_clear_error(); }
  ~CleanErrorQueue() { ERR_clear_error(); }
  CleanErrorQueue(const CleanErrorQueue&) = delete;
  CleanErrorQueue& operator=(const CleanErrorQueue&) = delete;
};

}  // namespace rollcall::certificates

#endif  // ROLLCALL_CERTIFICATES_OPENSSL_PTR_H_
