/*
 * A plugin for qemu-aarch64 that logs executed instructions and their memory accesses, in the lines of QEMU's execlog
 * plugin, which Debian does not package. It uses version 1 of the plugin interface:
 *
 *     qemu-aarch64 -plugin insnlog.so,out=FILE PROGRAM
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What this needs of the interface; QEMU's package has no header. */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*trans_cb)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*exec_cb)(unsigned vcpu, void *data);
typedef void (*mem_cb)(unsigned vcpu, uint32_t info, uint64_t address, void *data);
typedef void (*exit_cb)(uint64_t id, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, trans_cb cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_cb cb, int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, mem_cb cb, int flags, int rw, void *data);
void qemu_plugin_register_atexit_cb(uint64_t id, exit_cb cb, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(uint32_t info);
__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static FILE *out;
static bool open_line;

static void on_insn(unsigned vcpu, void *data)
{
    if (open_line)
        fputc('\n', out);
    fprintf(out, "%u, %s", vcpu, (char *)data);
    open_line = true;
    /* A guest that a signal ends takes QEMU with it. */
    fflush(out);
}
static void on_access(unsigned vcpu, uint32_t info, uint64_t address, void *data)
{
    (void)vcpu;
    (void)data;
    fprintf(out, ", %s, 0x%08" PRIx64, qemu_plugin_mem_is_store(info) ? "store" : "load", address);
    fflush(out);
}
static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        char *text = malloc(256), *words = qemu_plugin_insn_disas(insn);
        uint32_t opcode;
        memcpy(&opcode, qemu_plugin_insn_data(insn), 4);
        snprintf(text, 256, "0x%" PRIx64 ", 0x%" PRIx32 ", \"%s\"", qemu_plugin_insn_vaddr(insn), opcode, words);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, 0, 3, NULL);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, 0, text);
    }
}
static void on_exit_(uint64_t id, void *data)
{
    (void)id;
    (void)data;
    if (open_line)
        fputc('\n', out);
    fclose(out);
}
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0 || !(out = fopen(argv[0] + 4, "w"))) return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_exit_, NULL);
    return 0;
}
