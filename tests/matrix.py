"""Who gets what: the answers that `tests/test_matrix.py` holds the whole application to."""

Row = tuple[str, str, str]
"""Method, path, and what it is about."""

LOGIN = "login"
"""The way to signing in, instead of a status."""

WHO = ("nobody", "outsider", "anna", "fatima", "lou", "staff", "admin")
"""Not signed in; a member in no circle; one of all three circles; who leads the data circle; who leads the lobby café,
which is for members; the team; its admin. Nobody here leads the peer group, which is confidential."""

PAGES = """
GET   /                                      -        200    200  200  200  200  200  200
GET   /circles                               -        200    200  200  200  200  200  200
GET   /circles/{slug}                        data     200    200  200  200  200  200  200
GET   /circles/{slug}                        lobby    404    200  200  200  200  200  200
GET   /circles/{slug}                        spiegel  404    404  200  404  404  200  200
POST  /circles/{slug}/join                   data     403    303  303  303  303  303  303
POST  /circles/{slug}/join                   lobby    403    303  303  303  303  303  303
POST  /circles/{slug}/join                   spiegel  403    404  303  404  404  403  403
POST  /circles/{slug}/leave                  data     403    303  303  303  303  303  303
POST  /circles/{slug}/leave                  lobby    403    303  303  303  303  303  303
POST  /circles/{slug}/leave                  spiegel  403    404  303  404  404  303  303
POST  /circles/{slug}/mails                  data     403    403  303  303  403  403  403
POST  /circles/{slug}/mails                  lobby    403    403  303  403  303  403  403
POST  /circles/{slug}/mails                  spiegel  403    404  303  404  404  403  403
GET   /gatherings/{id}                       open     200    200  200  200  200  200  200
GET   /gatherings/{id}                       members  404    200  200  200  200  200  200
GET   /gatherings/{id}                       secret   404    404  200  404  404  200  200
GET   /gatherings/{id}                       draft    404    404  404  200  404  200  200
GET   /gatherings/{id}.ics                   open     200    200  200  200  200  200  200
GET   /gatherings/{id}.ics                   members  404    200  200  200  200  200  200
GET   /gatherings/{id}.ics                   secret   404    404  404  404  404  404  404
GET   /gatherings/{id}.ics                   draft    404    404  404  404  404  404  404
POST  /gatherings/{id}/answer                open     403    303  303  303  303  303  303
POST  /gatherings/{id}/answer                members  403    303  303  303  303  303  303
POST  /gatherings/{id}/answer                secret   403    404  303  404  404  403  403
POST  /gatherings/{id}/answer                draft    403    404  404  303  404  303  303
POST  /gatherings/{id}/register              open     200    200  200  200  200  200  200
POST  /gatherings/{id}/register              members  404    404  404  404  404  404  404
POST  /gatherings/{id}/register              secret   404    404  404  404  404  404  404
POST  /gatherings/{id}/register              draft    404    404  404  404  404  404  404
GET   /r/{handle}                            open     200    200  200  200  200  200  200
GET   /r/{handle}                            secret   200    200  200  200  200  200  200
POST  /r/{handle}                            open     303    303  303  303  303  303  303
POST  /r/{handle}                            secret   303    303  303  303  303  303  303
GET   /r/{handle}/rate                       open     200    200  200  200  200  200  200
GET   /r/{handle}/rate                       secret   200    200  200  200  200  200  200
POST  /r/{handle}/rate                       open     409    409  409  409  409  409  409
POST  /r/{handle}/rate                       secret   409    409  409  409  409  409  409
GET   /gatherings/{id}/rate                  open     login  404  200  200  404  404  404
GET   /gatherings/{id}/rate                  secret   login  404  200  404  404  404  404
POST  /gatherings/{id}/rate                  open     403    404  409  409  404  404  404
POST  /gatherings/{id}/rate                  secret   403    404  409  404  404  404  404
GET   /p/{handle}                            asked    200    200  200  200  200  200  200
GET   /p/{handle}                            hinted   200    200  200  200  200  200  200
POST  /p/{handle}                            asked    303    303  303  303  303  303  303
POST  /p/{handle}                            hinted   303    303  303  303  303  303  303
GET   /u/{handle}                            open     200    200  200  200  200  200  200
GET   /u/{handle}                            secret   200    200  200  200  200  200  200
POST  /u/{handle}                            open     303    303  303  303  303  303  303
POST  /u/{handle}                            secret   303    303  303  303  303  303  303
GET   /address/{handle}                      given    200    200  200  200  200  200  200
POST  /address/{handle}                      given    303    303  303  303  303  303  303
GET   /login                                 -        200    303  303  303  303  303  303
POST  /login                                 -        200    200  200  200  200  200  200
GET   /login/code                            -        200    200  200  200  200  200  200
POST  /login/code                            -        400    400  400  400  400  400  400
GET   /login/app                                        -          200    200  200  200  200  200  200
POST  /login/app                                        -          400    400  400  400  400  400  400
GET   /login/{token}                         -        410    410  410  410  410  410  410
POST  /login/{token}                         -        410    410  410  410  410  410  410
POST  /logout                                -        403    303  303  303  303  303  303
GET   /me                                    -        login  200  200  200  200  200  200
POST  /me/language                           -        403    303  303  303  303  303  303
POST  /me/sign-out-everywhere                -        403    303  303  303  303  303  303
POST  /me/telegram                           -        403    404  404  404  404  404  404
POST  /me/telegram/prefer                    -        403    400  400  400  400  400  400
POST  /me/telegram/disconnect                -        403    303  303  303  303  303  303
GET   /me/preferences                                   -          login  200  200  200  200  200  200
POST  /me/preferences/quiet                             -          403    303  303  303  303  303  303
POST  /me/preferences/circles/{id}                      circle     403    403  303  303  403  403  403
GET   /me/sign-in                                       -          login  200  200  200  200  200  200
POST  /me/sign-in/{id}/end                              -          403    404  404  404  404  404  404
POST  /me/sign-in/others                                -          403    303  303  303  303  303  303
POST  /me/sign-in/app/begin                             -          403    403  403  403  403  303  303
GET   /me/sign-in/app                                   -          login  403  403  403  403  404  404
POST  /me/sign-in/app                                   -          403    403  403  403  403  404  404
GET   /me/data                                             -          login  200  200  200  200  200  200
POST  /me/data/export                                      -          403    200  200  200  200  200  200
POST  /me/data/erase                                       -          403    400  400  400  400  400  400
POST  /me/sign-in/app/remove                            -          403    400  400  400  400  400  400
GET   /manage                                -        login  403  403  200  200  200  200
GET   /manage/past                           -        login  403  403  200  200  200  200
GET   /manage/gatherings/{id}                open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}                members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}                secret   login  403  403  404  404  200  200
GET   /manage/gatherings/{id}                draft    login  403  403  200  404  200  200
GET   /manage/gatherings/{id}/publish        open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/publish        members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/publish        secret   login  403  403  404  404  200  200
GET   /manage/gatherings/{id}/publish        draft    login  403  403  200  404  200  200
POST  /manage/gatherings/{id}/publish        open     403    403  403  303  403  303  303
POST  /manage/gatherings/{id}/publish        members  403    403  403  403  303  303  303
POST  /manage/gatherings/{id}/publish        secret   403    403  403  404  404  303  303
POST  /manage/gatherings/{id}/publish        draft    403    403  403  303  403  303  303
GET   /manage/gatherings/{id}/cancel         open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/cancel         members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/cancel         secret   login  403  403  404  404  200  200
GET   /manage/gatherings/{id}/cancel         draft    login  403  403  200  404  200  200
POST  /manage/gatherings/{id}/cancel         open     403    403  403  303  403  303  303
POST  /manage/gatherings/{id}/cancel         members  403    403  403  403  303  303  303
POST  /manage/gatherings/{id}/cancel         secret   403    403  403  404  404  303  303
POST  /manage/gatherings/{id}/cancel         draft    403    403  403  303  404  303  303
GET   /manage/new                            -        login  403  403  303  303  200  200
GET   /manage/circles/{slug}/gatherings/new  data     login  403  403  200  403  200  200
GET   /manage/circles/{slug}/gatherings/new  lobby    login  403  403  403  200  200  200
GET   /manage/circles/{slug}/gatherings/new  spiegel  login  403  403  404  404  200  200
POST  /manage/circles/{slug}/gatherings/new  data     403    403  403  303  403  303  303
POST  /manage/circles/{slug}/gatherings/new  lobby    403    403  403  403  303  303  303
POST  /manage/circles/{slug}/gatherings/new  spiegel  403    403  403  404  404  303  303
GET   /manage/gatherings/{id}/edit           open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/edit           members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/edit           secret   login  403  403  404  404  200  200
GET   /manage/gatherings/{id}/edit           draft    login  403  403  200  404  200  200
POST  /manage/gatherings/{id}/edit           open     403    403  403  303  403  303  303
POST  /manage/gatherings/{id}/edit           members  403    403  403  403  303  303  303
POST  /manage/gatherings/{id}/edit           secret   403    403  403  404  404  303  303
POST  /manage/gatherings/{id}/edit           draft    403    403  403  303  404  303  303
GET   /manage/gatherings/{id}/duplicate      open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/duplicate      members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/duplicate      secret   login  403  403  404  404  200  200
GET   /manage/gatherings/{id}/duplicate      draft    login  403  403  200  404  200  200
POST  /manage/gatherings/{id}/duplicate      open     403    403  403  303  403  303  303
POST  /manage/gatherings/{id}/duplicate      members  403    403  403  403  303  303  303
POST  /manage/gatherings/{id}/duplicate      secret   403    403  403  404  404  303  303
POST  /manage/gatherings/{id}/duplicate      draft    403    403  403  303  404  303  303
GET   /manage/series/{id}                    rota     login  403  403  200  404  200  200
GET   /manage/series/{id}/publish            rota     login  403  403  200  404  200  200
GET   /manage/series/{id}                    hushed   login  403  403  404  404  200  200
GET   /manage/series/{id}/publish            hushed   login  403  403  404  404  200  200
POST  /manage/series/{id}/publish            rota     403    403  403  303  403  303  303
POST  /manage/series/{id}/publish            hushed   403    403  403  404  404  303  303
GET   /manage/gatherings/{id}/seats          open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/seats          members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/seats          secret   login  403  403  404  404  403  403
GET   /manage/gatherings/{id}/seats          draft    login  403  403  200  404  200  200
POST  /manage/gatherings/{id}/seats          open     403    403  403  303  403  303  303
POST  /manage/gatherings/{id}/seats          members  403    403  403  403  303  303  303
POST  /manage/gatherings/{id}/seats          secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/seats          draft    403    403  403  409  404  409  409
GET   /manage/gatherings/{id}/guests         open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/guests         members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/guests         secret   login  403  403  404  404  403  403
GET   /manage/gatherings/{id}/guests         draft    login  403  403  200  404  200  200
POST  /manage/gatherings/{id}/guests         open     403    403  403  303  403  303  303
POST  /manage/gatherings/{id}/guests         members  403    403  403  403  303  303  303
POST  /manage/gatherings/{id}/guests         secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/guests         draft    403    403  403  400  404  400  400
POST  /r/{handle}/questions                            open     303  303  303  303  303  303  303
POST  /r/{handle}/questions                            secret   403  403  403  403  403  403  403
POST  /gatherings/{id}/questions                       open     403  403  303  303  403  404  404
POST  /gatherings/{id}/questions                       secret   403  404  303  404  404  403  403
GET   /manage/gatherings/{id}/questions                open     login 403  403  200  403  200  200
GET   /manage/gatherings/{id}/questions                secret   login 403  403  404  404  200  200
GET   /manage/gatherings/{id}/questions                draft    login 403  403  200  404  200  200
GET   /manage/gatherings/{id}/questions/new            open     login 403  403  200  403  200  200
GET   /manage/gatherings/{id}/questions/new            secret   login 403  403  404  404  200  200
GET   /manage/gatherings/{id}/questions/new            draft    login 403  403  200  404  200  200
GET   /manage/gatherings/{id}/questions/{question}     open     login 403  403  404  403  404  404
GET   /manage/gatherings/{id}/questions/{question}     secret   login 403  403  404  404  404  404
GET   /manage/gatherings/{id}/questions/{question}     draft    login 403  403  404  404  404  404
POST  /manage/gatherings/{id}/questions                open     403  403  403  303  403  303  303
POST  /manage/gatherings/{id}/questions                secret   403  403  403  404  404  303  303
POST  /manage/gatherings/{id}/questions                draft    403  403  403  303  404  303  303
POST  /manage/gatherings/{id}/questions/new            open     403  403  403  400  403  400  400
POST  /manage/gatherings/{id}/questions/new            secret   403  403  403  404  404  400  400
POST  /manage/gatherings/{id}/questions/new            draft    403  403  403  400  404  400  400
POST  /manage/gatherings/{id}/questions/{question}     open     403  403  403  404  403  404  404
POST  /manage/gatherings/{id}/questions/{question}     secret   403  403  403  404  404  404  404
POST  /manage/gatherings/{id}/questions/{question}     draft    403  403  403  404  404  404  404
GET   /manage/gatherings/{id}/answers                  open     login 403  403  200  403  200  200
GET   /manage/gatherings/{id}/answers                  secret   login 403  403  404  404  403  403
GET   /manage/gatherings/{id}/answers                  draft    login 403  403  200  404  200  200
GET   /manage/gatherings/{id}/poll           open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/poll           members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/poll           secret   login  403  403  404  404  200  200
GET   /manage/gatherings/{id}/poll           draft    login  403  403  200  404  200  200
POST  /manage/gatherings/{id}/poll           open     403    403  403  404  403  404  404
POST  /manage/gatherings/{id}/poll           members  403    403  403  403  404  404  404
POST  /manage/gatherings/{id}/poll           secret   403    403  403  404  404  404  404
POST  /manage/gatherings/{id}/poll           draft    403    403  403  404  404  404  404
GET   /polls/{id}                            asked    login  404  200  200  404  404  404
GET   /polls/{id}                            hinted   login  404  200  404  404  404  404
GET   /polls/{id}                            open     login  404  404  404  404  404  404
POST  /polls/{id}                            asked    403    404  303  303  404  404  404
POST  /polls/{id}                            hinted   403    404  303  404  404  404  404
POST  /polls/{id}                            open     403    404  404  404  404  404  404
GET   /manage/gatherings/{id}/roster         open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/roster         members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/roster         secret   login  403  403  404  404  403  403
GET   /manage/gatherings/{id}/roster         draft    login  403  403  200  404  200  200
POST  /manage/gatherings/{id}/roster         open     403    403  403  303  403  303  303
POST  /manage/gatherings/{id}/roster         members  403    403  403  403  303  303  303
POST  /manage/gatherings/{id}/roster         secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/roster         draft    403    403  403  303  404  303  303
POST  /manage/gatherings/{id}/roster/answer  open     403    403  403  303  403  303  303
POST  /manage/gatherings/{id}/roster/answer  members  403    403  403  403  303  303  303
POST  /manage/gatherings/{id}/roster/answer  secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/roster/answer  draft    403    403  403  409  404  409  409
GET   /manage/gatherings/{id}/report         open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/report         members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/report         secret   login  403  403  404  404  403  403
POST  /manage/gatherings/{id}/report         open     403  403  403  303  403  303  303
POST  /manage/gatherings/{id}/report         members  403  403  403  403  303  303  303
POST  /manage/gatherings/{id}/report         secret   403  403  403  404  404  403  403
GET   /manage/gatherings/{id}/report/tell    open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/report/tell    members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/report/tell    secret   login  403  403  404  404  403  403
POST  /manage/gatherings/{id}/report/tell    open     403  403  403  409  403  409  409
POST  /manage/gatherings/{id}/report/tell    members  403  403  403  403  409  409  409
POST  /manage/gatherings/{id}/report/tell    secret   403  403  403  404  404  403  403
POST  /manage/gatherings/{id}/report/links   open     403  403  403  303  403  303  303
POST  /manage/gatherings/{id}/report/links   members  403  403  403  403  303  303  303
POST  /manage/gatherings/{id}/report/links   secret   403  403  403  404  404  403  403
POST  /manage/gatherings/{id}/report/files   open     403  403  403  400  403  400  400
POST  /manage/gatherings/{id}/report/files   members  403  403  403  403  400  400  400
POST  /manage/gatherings/{id}/report/files   secret   403  403  403  404  404  403  403
POST  /manage/gatherings/{id}/report/materials/{material}/remove open     403  403  403  404  403  404  404
POST  /manage/gatherings/{id}/report/materials/{material}/remove members  403  403  403  403  404  404  404
POST  /manage/gatherings/{id}/report/materials/{material}/remove secret   403  403  403  404  404  403  403
GET   /manage/gatherings/{id}/messages       open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/messages       members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/messages       secret   login  403  403  404  404  403  403
POST  /manage/gatherings/{id}/messages       open     403  403  403  200  403  200  200
POST  /manage/gatherings/{id}/messages       members  403  403  403  403  200  200  200
POST  /manage/gatherings/{id}/messages       secret   403  403  403  404  404  403  403
POST  /manage/gatherings/{id}/messages/{message}/call-off -        403  403  403  404  404  404  404
GET   /gatherings/{id}/materials/{material}  open     404  404  404  404  404  404  404
GET   /gatherings/{id}/materials/{material}  secret   404  404  404  404  404  404  404
GET   /manage/gatherings/{id}/check-in       open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/check-in       members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/check-in       secret   login  403  403  404  404  403  403
GET   /here/{handle}                         open     410    410  410  410  410  410  410
POST  /here/{handle}                         open     403    410  410  410  410  410  410
POST  /here/{handle}/mail                    open     410    410  410  410  410  410  410
GET   /present/{handle}                      open     410    410  410  410  410  410  410
POST  /present/{handle}                      open     410    410  410  410  410  410  410
GET   /here/{handle}                         secret   410    410  410  410  410  410  410
POST  /here/{handle}                         secret   403    410  410  410  410  410  410
POST  /here/{handle}/mail                    secret   410    410  410  410  410  410  410
GET   /present/{handle}                      secret   410    410  410  410  410  410  410
POST  /present/{handle}                      secret   410    410  410  410  410  410  410
POST  /r/{handle}/here                       open     303    303  303  303  303  303  303
GET   /manage/gatherings/{id}/roster/find    open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/roster/find    members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/roster/find    secret   login  403  403  404  404  403  403
GET   /manage/gatherings/{id}/roster/sheet   open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/roster/sheet   members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/roster/sheet   secret   login  403  403  404  404  403  403
POST  /manage/gatherings/{id}/roster/walk-in  open     403    403  403  409  403  409  409
POST  /manage/gatherings/{id}/roster/walk-in  members  403    403  403  403  409  409  409
POST  /manage/gatherings/{id}/roster/walk-in  secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/roster/walk-in  draft    403    403  403  409  404  409  409
POST  /manage/gatherings/{id}/roster/undo    open     403    403  403  409  403  409  409
POST  /manage/gatherings/{id}/roster/undo    members  403    403  403  403  409  409  409
POST  /manage/gatherings/{id}/roster/undo    secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/roster/close   open     403    403  403  409  403  409  409
POST  /manage/gatherings/{id}/roster/close   members  403    403  403  403  409  409  409
POST  /manage/gatherings/{id}/roster/close   secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/roster.csv     open     403    403  403  200  403  200  200
POST  /manage/gatherings/{id}/roster.csv     members  403    403  403  403  200  200  200
POST  /manage/gatherings/{id}/roster.csv     secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/roster.csv     draft    403    403  403  200  404  200  200
POST  /manage/gatherings/{id}/roster.xlsx    open     403    403  403  200  403  200  200
POST  /manage/gatherings/{id}/roster.xlsx    members  403    403  403  403  200  200  200
POST  /manage/gatherings/{id}/roster.xlsx    secret   403    403  403  404  404  403  403
POST  /manage/gatherings/{id}/roster.xlsx    draft    403    403  403  200  404  200  200
GET   /manage/gatherings/{id}/notices        open     login  403  403  200  403  200  200
GET   /manage/gatherings/{id}/notices        members  login  403  403  403  200  200  200
GET   /manage/gatherings/{id}/notices        secret   login  403  403  404  404  403  403
GET   /manage/gatherings/{id}/notices        draft    login  403  403  200  404  200  200
GET   /manage/circles                                   -          login  403  403  200  200  200  200
GET   /manage/new-circle                                -          login  403  403  403  403  200  200
POST  /manage/new-circle                                -          403  403  403  403  403  400  400
GET   /manage/circles/{slug}                            data       login  403  403  200  403  200  200
GET   /manage/circles/{slug}                            lobby      login  403  403  403  200  200  200
GET   /manage/circles/{slug}                            spiegel    login  403  403  404  404  200  200
GET   /manage/circles/{slug}/edit                       data       login  403  403  200  403  200  200
GET   /manage/circles/{slug}/edit                       lobby      login  403  403  403  200  200  200
GET   /manage/circles/{slug}/edit                       spiegel    login  403  403  404  404  200  200
POST  /manage/circles/{slug}/edit                       data       403  403  403  303  403  400  400
POST  /manage/circles/{slug}/edit                       lobby      403  403  403  403  303  400  400
POST  /manage/circles/{slug}/edit                       spiegel    403  403  403  404  404  400  400
GET   /manage/circles/{slug}/close                      data       login  403  403  403  403  200  200
GET   /manage/circles/{slug}/close                      lobby      login  403  403  403  403  200  200
GET   /manage/circles/{slug}/close                      spiegel    login  403  403  403  403  200  200
POST  /manage/circles/{slug}/close                      data       403  403  403  403  403  303  303
POST  /manage/circles/{slug}/close                      lobby      403  403  403  403  403  303  303
POST  /manage/circles/{slug}/close                      spiegel    403  403  403  403  403  303  303
POST  /manage/circles/{slug}/reopen                     data       403  403  403  403  403  303  303
POST  /manage/circles/{slug}/reopen                     lobby      403  403  403  403  403  303  303
POST  /manage/circles/{slug}/reopen                     spiegel    403  403  403  403  403  303  303
GET   /manage/circles/{slug}/members                    data       login  403  403  200  403  200  200
GET   /manage/circles/{slug}/members                    lobby      login  403  403  403  200  200  200
GET   /manage/circles/{slug}/members                    spiegel    login  403  403  404  404  200  200
POST  /manage/circles/{slug}/members                    data       403  403  403  403  403  404  404
POST  /manage/circles/{slug}/members                    lobby      403  403  403  403  403  404  404
POST  /manage/circles/{slug}/members                    spiegel    403  403  403  403  403  404  404
GET   /manage/circles/{slug}/members/add                data       login  403  403  200  403  200  200
GET   /manage/circles/{slug}/members/add                lobby      login  403  403  403  200  200  200
GET   /manage/circles/{slug}/members/add                spiegel    login  403  403  404  404  200  200
POST  /manage/circles/{slug}/members/add                data       403  403  403  303  403  303  303
POST  /manage/circles/{slug}/members/add                lobby      403  403  403  403  303  303  303
POST  /manage/circles/{slug}/members/add                spiegel    403  403  403  404  404  303  303
GET   /manage/circles/{slug}/members/{person}           data       login  403  403  200  403  200  200
GET   /manage/circles/{slug}/members/{person}           lobby      login  403  403  403  200  200  200
GET   /manage/circles/{slug}/members/{person}           spiegel    login  403  403  404  404  403  403
POST  /manage/circles/{slug}/members/{person}/accept    data       403  403  403  404  403  404  404
POST  /manage/circles/{slug}/members/{person}/accept    lobby      403  403  403  403  404  404  404
POST  /manage/circles/{slug}/members/{person}/accept    spiegel    403  403  403  404  404  404  404
POST  /manage/circles/{slug}/members/{person}/role      data       403  403  403  303  403  303  303
POST  /manage/circles/{slug}/members/{person}/role      lobby      403  403  403  403  303  303  303
POST  /manage/circles/{slug}/members/{person}/role      spiegel    403  403  403  404  404  303  303
POST  /manage/circles/{slug}/members/{person}/remove    data       403  403  403  303  403  303  303
POST  /manage/circles/{slug}/members/{person}/remove    lobby      403  403  403  403  303  303  303
POST  /manage/circles/{slug}/members/{person}/remove    spiegel    403  403  403  404  404  303  303
GET   /manage/kinds                                     -          login  403  403  403  403  200  200
GET   /manage/new-kind                                  -          login  403  403  403  403  200  200
POST  /manage/new-kind                                  -          403  403  403  403  403  400  400
GET   /manage/kinds/{kind}                              -          login  403  403  403  403  200  200
POST  /manage/kinds/{kind}                              -          403  403  403  403  403  400  400
GET   /manage/people                                    -          login  403  403  403  403  200  200
GET   /manage/new-person                                -          login  403  403  403  403  200  200
POST  /manage/new-person                                -          403  403  403  403  403  303  400
GET   /manage/people/{id}                               anna       login  403  403  403  403  200  200
POST  /manage/people/{id}                               anna       403  403  403  403  403  303  303
GET   /manage/people/{id}/data                          anna       login  403  403  403  403  200  200
POST  /manage/people/{id}/data/export                   anna       403  403  403  403  403  200  200
POST  /manage/people/{id}/data/erase                    anna       403  403  403  403  403  400  400
POST  /manage/people/{id}/addresses                     anna       403  403  403  403  403  400  400
POST  /manage/people/{id}/addresses/{address}/remove    anna       403  403  403  403  403  404  404
GET   /manage/organisations                             -          login  403  403  403  403  200  200
GET   /manage/new-organisation                          -          login  403  403  403  403  200  200
POST  /manage/new-organisation                          -          403  403  403  403  403  303  400
GET   /manage/organisations/{id}                        wereldwijs login  403  403  403  403  200  200
POST  /manage/organisations/{id}                        wereldwijs 403  403  403  403  403  303  303
GET   /manage/plan                           -        login  403  403  403  403  200  200
GET   /manage/plan/{year}                    -        login  403  403  403  403  200  200
GET   /manage/inbox                          -        login  403  403  200  200  200  200
POST  /manage/inbox/addresses                -        403    403  403  403  403  404  404
GET   /manage/inbox/{id}                     parked   login  403  403  200  403  200  200
GET   /manage/inbox/{id}                     whispered  login  403  403  404  404  200  200
GET   /manage/inbox/{id}/original            parked   login  403  403  200  403  200  200
GET   /manage/inbox/{id}/original            whispered  login  403  403  404  404  403  403
POST  /manage/inbox/{id}/again               parked   403    403  403  303  404  404  404
POST  /manage/inbox/{id}/again               whispered  403    403  403  404  404  303  404
POST  /manage/inbox/{id}/aside               parked   403    403  403  303  404  404  404
POST  /manage/inbox/{id}/aside               whispered  403    403  403  404  404  303  404
POST  /manage/inbox/{id}/answer              parked   403    403  403  303  404  404  404
POST  /manage/inbox/{id}/answer              whispered  403    403  403  404  404  403  403
POST  /me/feeds                              -        403    200  200  200  200  200  200
POST  /me/feeds/{id}/end                     feed     403    404  303  404  404  404  404
GET   /feeds/public.ics                      -        200    200  200  200  200  200  200
GET   /feeds/{token}.ics                     -        404    404  404  404  404  404  404
"""

OPEN = {  # whoever asks, with or without a session or key: what health, the documents of the API and the demo answer
    "GET /healthz": 200,
    "GET /readyz": 200,
    "GET /metrics": 200,
    "GET /api": 200,
    "GET /api/{noun}": 200,
    "GET /api/v1/openapi.json": 200,
    "GET /static/{name}": 200,
    "GET /dev/mail": 200,
    "GET /dev/mail/{name}": 200,
    "GET /dev/mail/{name}/html": 200,
    "GET /dev/mail/{name}/raw": 200,
    "POST /dev/mail/{name}/calendar": 409,  # this mail asks for no answer
    "POST /dev/mail/{name}/words": 303,
    "GET /dev/chat": 200,
    "POST /dev/chat": 303,
    "GET /dev/chat/file": 404,  # nothing was said yet
    "POST /telegram/{path}": 401,  # only who has the secret
    "* /api/{rest}": 404,
}


def rows() -> dict[Row, list[str]]:
    """Read the table: what a route answers about one thing, in the order of WHO."""
    found = {}
    for line in PAGES.strip().splitlines():
        method, path, about, *answers = line.split()
        found[method, path, about] = answers
    return found


ROWS = rows()
