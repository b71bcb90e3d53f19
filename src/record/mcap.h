// The MCAP container: numbers of its records. Layout of each record: opcode u8, length u64, body; little-endian; a string
// is a u32 length and UTF-8. Source: the MCAP specification, version 0.
#ifndef CW_RECORD_MCAP_H
#define CW_RECORD_MCAP_H

#include <stdint.h>

enum {
    MCAP_HEADER = 0x01,
    MCAP_FOOTER = 0x02,
    MCAP_SCHEMA = 0x03,
    MCAP_CHANNEL = 0x04,
    MCAP_MESSAGE = 0x05,
    MCAP_CHUNK = 0x06,
    MCAP_MESSAGE_INDEX = 0x07,
    MCAP_CHUNK_INDEX = 0x08,
    MCAP_ATTACHMENT = 0x09,
    MCAP_ATTACHMENT_INDEX = 0x0A,
    MCAP_STATISTICS = 0x0B,
    MCAP_METADATA = 0x0C,
    MCAP_METADATA_INDEX = 0x0D,
    MCAP_SUMMARY_OFFSET = 0x0E,
    MCAP_DATA_END = 0x0F
};

#define MCAP_MAGIC "\x89MCAP0\r\n"
enum { MCAP_MAGIC_SIZE = 8, MCAP_RECORD_HEAD = 9 };

#endif
