#pragma once
// BIP-32 test vectors 1 and 2: extended private keys along one path each.
// Source: github.com/bitcoin/bips, bip-0032.mediawiki, "Test Vectors".

#include <cstdint>
#include <string_view>
#include <vector>

#include "wallet/derivation.h"

namespace peerpay::wallet {

struct Bip32Vector {
  std::string_view seed;
  std::vector<std::uint32_t> path;
  std::string_view xprv;
};

inline const std::vector<Bip32Vector>& bip32_vectors() {
  static const std::vector<Bip32Vector> kVectors = {
      {"000102030405060708090a0b0c0d0e0f",
       {},
       "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3T"
       "GtRBeJgk33yuGBxrMPHi"},
      {"000102030405060708090a0b0c0d0e0f",
       {0 | kHardened},
       "xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7X"
       "nxHrnYeSvkzY7d2bhkJ7"},
      {"000102030405060708090a0b0c0d0e0f",
       {0 | kHardened, 1},
       "xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3H2"
       "EU4pWcQDnRnrVA1xe8fs"},
      {"000102030405060708090a0b0c0d0e0f",
       {0 | kHardened, 1, 2 | kHardened},
       "xprv9z4pot5VBttmtdRTWfWQmoH1taj2axGVzFqSb8C9xaxKymcFzXBDptWmT7FwuEzG3ryjH4ktypQSAewRiNMjANT"
       "tpgP4mLTj34bhnZX7UiM"},
      {"000102030405060708090a0b0c0d0e0f",
       {0 | kHardened, 1, 2 | kHardened, 2},
       "xprvA2JDeKCSNNZky6uBCviVfJSKyQ1mDYahRjijr5idH2WwLsEd4Hsb2Tyh8RfQMuPh7f7RtyzTtdrbdqqsunu5Mm3"
       "wDvUAKRHSC34sJ7in334"},
      {"000102030405060708090a0b0c0d0e0f",
       {0 | kHardened, 1, 2 | kHardened, 2, 1000000000},
       "xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8FHa8kmHScGpWmj4WggLyQjgPie1rFSruoUih"
       "UZREPSL39UNdE3BBDu76"},
      {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7"
       "875726f6c696663605d5a5754514e4b484542",
       {},
       "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn"
       "3LqFtT2emdEXVYsCzC2U"},
      {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7"
       "875726f6c696663605d5a5754514e4b484542",
       {0},
       "xprv9vHkqa6EV4sPZHYqZznhT2NPtPCjKuDKGY38FBWLvgaDx45zo9WQRUT3dKYnjwih2yJD9mkrocEZXo1ex8G81dw"
       "SM1fwqWpWkeS3v86pgKt"},
      {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7"
       "875726f6c696663605d5a5754514e4b484542",
       {0, 2147483647 | kHardened},
       "xprv9wSp6B7kry3Vj9m1zSnLvN3xH8RdsPP1Mh7fAaR7aRLcQMKTR2vidYEeEg2mUCTAwCd6vnxVrcjfy2kRgVsFawN"
       "zmjuHc2YmYRmagcEPdU9"},
      {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7"
       "875726f6c696663605d5a5754514e4b484542",
       {0, 2147483647 | kHardened, 1},
       "xprv9zFnWC6h2cLgpmSA46vutJzBcfJ8yaJGg8cX1e5StJh45BBciYTRXSd25UEPVuesF9yog62tGAQtHjXajPPdbRC"
       "HuWS6T8XA2ECKADdw4Ef"},
      {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7"
       "875726f6c696663605d5a5754514e4b484542",
       {0, 2147483647 | kHardened, 1, 2147483646 | kHardened},
       "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFs"
       "TjSyQbLYnMpCqE2VbFWc"},
      {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7"
       "875726f6c696663605d5a5754514e4b484542",
       {0, 2147483647 | kHardened, 1, 2147483646 | kHardened, 2},
       "xprvA2nrNbFZABcdryreWet9Ea4LvTJcGsqrMzxHx98MMrotbir7yrKCEXw7nadnHM8Dq38EGfSh6dqA9QWTyefMLEc"
       "BYJUuekgW4BYPJcr9E7j"},
  };
  return kVectors;
}

}  // namespace peerpay::wallet
