/* Tries a fuzz target on every file of the folders named, so that the corpus is tried in the
 * ordinary tests, with any compiler. Each input is tried as it is and cut off at every tenth. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

enum { INPUT_BYTES_MAX = 1 << 20, PATH_BYTES = 4096 };

static void try_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_BYTES_MAX);
    if (file == NULL || data == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    size_t size = fread(data, 1, INPUT_BYTES_MAX, file);
    fclose(file);
    for (size_t tenth = 0; tenth <= 10; tenth++) {
        /* A block of just that size, so that the sanitizer sees a read past its end. */
        size_t part = size * tenth / 10;
        uint8_t *input = malloc(part + (part == 0));
        if (input == NULL) {
            abort();
        }
        for (size_t byte = 0; byte < part; byte++) {
            input[byte] = data[byte];
        }
        LLVMFuzzerTestOneInput(input, part);
        free(input);
    }
    free(data);
}

int main(int argument_count, char **arguments)
{
    int tried = 0;
    for (int index = 1; index < argument_count; index++) {
        DIR *directory = opendir(arguments[index]);
        if (directory == NULL) {
            perror(arguments[index]);
            return EXIT_FAILURE;
        }
        for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
            char path[PATH_BYTES];
            if (entry->d_name[0] != '.') {
                snprintf(path, sizeof(path), "%s/%s", arguments[index], entry->d_name);
                try_file(path);
                tried++;
            }
        }
        closedir(directory);
    }
    printf("%d inputs\n", tried);
    return tried > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
