// Writes a trace and, beside it, what it holds in plain words, for a reader that is not ours to compare.
#include "sample.h"

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    cw_trace *trace = sample_trace(900);
    cw_error err = {0};
    if (cw_trace_save(trace, argv[1], &err) != CW_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    FILE *file = fopen(argv[2], "w");
    if (file == NULL)
        return 1;
    fprintf(file, "{\"channels\":[");
    for (uint32_t c = 0; c < cw_trace_channel_count(trace); c++) {
        fprintf(file, "%s{\"topic\":\"%s\",\"schema\":\"%s\",\"row\":%zu,\"messages\":[", c > 0 ? "," : "",
                cw_trace_name(trace, c), cw_trace_schema_name(trace, c), cw_trace_row_size(trace, c));
        for (size_t i = 0; i < cw_trace_count(trace, c); i++) {
            cw_message message = cw_trace_message(trace, c, i);
            char digest[65];
            cw_sha256_hex(message.bytes, message.size, digest);
            fprintf(file, "%s[\"%lld\",%zu,\"%s\"]", i > 0 ? "," : "", (long long)message.time_ns, message.size,
                    digest);
        }
        fprintf(file, "]}");
    }
    fprintf(file, "],\"attachments\":[");
    for (uint32_t i = 0; i < cw_trace_attachment_count(trace); i++) {
        const char *name, *type;
        const void *bytes;
        size_t size;
        cw_trace_attachment(trace, i, &name, &type, &bytes, &size);
        char digest[65];
        cw_sha256_hex(bytes, size, digest);
        fprintf(file, "%s[\"%s\",\"%s\",\"%s\"]", i > 0 ? "," : "", name, type, digest);
    }
    fprintf(file, "],\"seed\":\"%s\",\"command\":\"%s\"}\n", cw_trace_get(trace, "seed"),
            cw_trace_get(trace, "command"));
    cw_trace_free(trace);
    return fclose(file) == 0 ? 0 : 1;
}
