// The report's page, style and script: generated from viewer/ by src/embed.sh.
#ifndef CW_SHOW_VIEWER_H
#define CW_SHOW_VIEWER_H

extern const char viewer_page[], viewer_against[], viewer_style[], viewer_script[]; // terminated

#endif
